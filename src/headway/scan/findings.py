"""The matches of a walk's rules. Each blob is read and matched only once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from headway.git.attributes import Attributes
from headway.git.history import Change
from headway.git.objects import BlobReader, UnreadError
from headway.git.path_encoding import bytes_of
from headway.model.limits import Limits
from headway.progress.gaps import Unread
from headway.progress.opening import Found
from headway.scan.blob_search import BlobSearch, Errors
from headway.scan.blobs_to_read import ANYWHERE, Place, Reading, Work, halves
from headway.scan.facts_reader import FactsReader
from headway.scan.joint_findings import JointFindings
from headway.scan.known_matches import KnownMatches
from headway.scan.matching import Hits, Matcher, RuleSet, indices_of
from headway.scan.unread_files import Explain, unread_of

AtPath = Found | Unread | None
"""The matches of a rule at a path, or the reason why it could not read the path. None means no
matches.
"""


class MatchBufferFullError(Exception):
    """A group of files has more matches than may be held in memory."""


class Findings:
    """The matches of content rules by blob, and the matches of all other rules by path."""

    def __init__(
        self,
        matcher: Matcher,
        git_dir: Path,
        limits: Limits,
        blobs: BlobReader,
        *,
        explain: Explain = str,
        crashed: Mapping[str, Mapping[int, Unread]] | None = None,
        known: KnownMatches | None = None,
    ) -> None:
        """Prepare to read files.

        Args:
            matcher: The rules.
            git_dir: The repository.
            limits: The limits of the scan.
            blobs: Reads individual blobs of the repository.
            explain: Explains why git cannot read a blob. If `explain` is None, the error is raised.
            crashed: Maps a blob ID to the rules whose scanners must not receive that content.
            known: The matches from earlier walks. None means that all blobs are searched.
        """
        self.matcher = matcher
        self.held: dict[str, RuleSet] = {}
        """Maps each path to the rules that have open items there or could not read it."""
        self._git_dir = git_dir
        self._limits = limits
        self._hits: dict[Place, Hits] = {}
        self._done: dict[Place, RuleSet] = {}
        """Maps each place to the rules that have been matched there."""
        self._unread: dict[Place, dict[int, Unread]] = {}
        """Maps each place to the indices of the rules that could not read it, with the reasons."""
        self._explain = explain
        self._crashed = crashed or {}
        self._known = known
        self._searched: set[str] = set()
        """The IDs of all blobs that have been searched, or whose matches were known."""
        self._spot_counts: Counter[int] = Counter()
        """The number of matches in `_hits`, by rule index."""
        self.binary_paths: set[str] = set()
        """The paths of the binary files that content rules select at the current commit."""
        self._binary_blobs: set[str] = set()
        self._facts = FactsReader(matcher, blobs, limits, explain, self._crashed)
        self._joint = JointFindings(matcher, self._facts, limits)

    @property
    def blobs_read(self) -> int:
        """The number of blobs that were read or had known matches."""
        return len(self._searched) + self._facts.blobs_read

    def hold(self, path: str, index: int) -> None:
        """Record that a rule has an open item at `path` or could not read it."""
        self.held[path] = self.held.get(path, 0) | 1 << index

    def release(self, path: str, index: int) -> None:
        """Record that a rule no longer has an open item at `path`."""
        remaining = self.held.get(path, 0) & ~(1 << index)
        if remaining:
            self.held[path] = remaining
        else:
            self.held.pop(path, None)

    def begin(
        self, windows: Iterable[Sequence[Change]], rules: RuleSet, continuing: RuleSet = 0
    ) -> dict[int, dict[str, Found | Unread]]:
        """Read and match a whole tree.

        Args:
            windows: The files of the tree in groups. Each file appears as an added path.
            rules: The rules to match.
            continuing: The rules whose matches in this tree are known from an earlier walk.

        Returns:
            The matches and the unreadable paths of each rule, by rule index and path.
        """
        found: dict[int, dict[str, Found | Unread]] = defaultdict(dict)
        whole_tree = self._joint.begin(rules, continuing)
        counts: Counter[int] = Counter()
        limit = self._limits.max_matches
        for window, part in self._read_in_parts(windows, rules):
            self._follow_binary_files(window)
            for path, _, blob in window:
                assert blob is not None
                admitted = self.matcher.admitted(path) & part
                for index, spots in self._found(path, blob):
                    if admitted >> index & 1:
                        found[index][path] = Found(blob, spots)
                        counts[index] += len(spots)
                for index, why in self._unread_at(path, blob, admitted):
                    found[index][path] = why
                whole_tree.add(path, blob, admitted)
            self.make_room()
            for index in [index for index, count in counts.items() if count > limit]:
                self.matcher.fail_for_many(index, limit)
                found.pop(index, None)
        for index, matches in whole_tree.matches():
            if _count_spots(matches.values()) > limit:
                self.matcher.fail_for_many(index, limit)
            else:
                found[index] = dict(matches)
        return found

    def forget(self) -> None:
        """Discard all matches. Blobs that had matches are read again if they recur."""
        for place in self._hits:
            self._done.pop(place, None)
        self._hits.clear()
        self._spot_counts.clear()

    def make_room(self) -> None:
        """Discard the matches if there are many. Otherwise, keep them to avoid rereading blobs."""
        if self._spot_counts.total() > self._limits.held_matches // 2:
            self.forget()

    def fail_alone(self, rules: RuleSet) -> None:
        """Fail the rules whose matches in a single commit or file do not fit in memory."""
        for index in indices_of(rules):
            self.matcher.fail_for_many(index, self._limits.held_matches)

    def _read_in_parts(
        self, windows: Iterable[Sequence[Change]], rules: RuleSet
    ) -> Iterator[tuple[Sequence[Change], RuleSet]]:
        """Yield parts of the groups whose matches fit in memory, each with its rules."""
        for window in windows:
            try:
                self.read_many([(window, rules)])
            except MatchBufferFullError:
                self.forget()
                if len(window) > 1:
                    yield from self._read_in_parts(halves(window), rules)
                elif len(indices := list(indices_of(rules))) > 1:
                    # Match fewer rules at a time, so that no rule fails because of another one.
                    for part in halves(indices):
                        yield from self._read_in_parts([window], self.matcher.rule_set(part))
                else:
                    self.fail_alone(rules)
            else:
                yield window, rules

    def read_many(self, commits: Iterable[tuple[Iterable[Change], RuleSet]]) -> None:
        """Read and match each new blob of several commits once.

        Args:
            commits: For each commit, its changes and the rules to match.

        Raises:
            MatchBufferFullError: The commits together have too many matches.
        """
        listed = [(tuple(changes), rules) for changes, rules in commits]
        holds_others = bool(self._hits)
        try:
            self._match(self.planned(listed))
        except MatchBufferFullError:
            if not holds_others:
                raise
            # The new matches may fit in memory without the matches in earlier commits.
            self.forget()
            self._match(self.planned(listed))

    def planned(self, commits: Iterable[tuple[Iterable[Change], RuleSet]]) -> Work:
        """Return the blobs of these commits that have not yet been matched against their rules."""
        work: Work = {}
        for changes, rules in commits:
            for change in changes:
                if change.new is not None:
                    self._plan(work, change.path, change.new, rules & self.matcher.content)
        return work

    def of_commit(self, changes: Sequence[Change], rules: RuleSet) -> dict[int, dict[str, AtPath]]:
        """Return the matches at the paths that a commit changed. Their blobs must have been read.

        Returns:
            The findings of each rule after the commit, by rule index and path. They include only
                unreadable paths, paths with matches, and paths in `held`.
        """
        changed = self._in_contents(changes, rules)
        for index, at_paths in self._joint.advance(changes, rules, self.held):
            changed[index].update(at_paths)
        return {index: paths for index, paths in changed.items() if paths}

    def _in_contents(
        self, changes: Sequence[Change], rules: RuleSet
    ) -> dict[int, dict[str, AtPath]]:
        """Return the matches of content rules, and their paths in `held` that have no matches."""
        held = self.held
        self._follow_binary_files(changes)
        changed: dict[int, dict[str, AtPath]] = defaultdict(dict)
        for change in changes:
            path, new = change.path, change.new
            affected = held.get(path, 0) & rules & self.matcher.content
            while affected:
                lowest = affected & -affected
                changed[lowest.bit_length() - 1][path] = None
                affected ^= lowest
            if new is not None:
                admitted = self.matcher.admitted(path) & rules
                for index, spots in self._found(path, new):
                    if admitted >> index & 1:
                        changed[index][path] = Found(new, spots)
                if self._unread:
                    for index, why in self._unread_at(path, new, admitted):
                        changed[index][path] = why
        return changed

    def leave(self, before: Attributes, rules: RuleSet) -> dict[int, dict[str, AtPath]]:
        """Return the paths that the current attributes exclude but the earlier ones did not.

        Args:
            before: The earlier attributes.
            rules: The rules whose paths to return.

        Returns:
            Maps each rule index to a mapping from newly excluded paths to None.
        """
        attributes = self.matcher.attributes
        # Remove excluded files, because the walk does not see their later changes.
        self.binary_paths = {path for path in self.binary_paths if self.matcher.admitted(path)}

        def is_newly_excluded(path: str) -> bool:
            name = bytes_of(path)
            return attributes.excludes(name) and not before.excludes(name)

        left: dict[int, dict[str, AtPath]] = defaultdict(dict)
        for path, holders in self.held.items():
            if holders & rules and is_newly_excluded(path):
                for index in indices_of(holders & rules):
                    left[index][path] = None
        for index, at_paths in self._joint.leave(is_newly_excluded, rules, self.held):
            left[index].update(at_paths)
        return left

    def enter(
        self, files: Sequence[Change], rules: RuleSet
    ) -> Iterator[dict[int, dict[str, AtPath]]]:
        """Yield, in parts, the matches of rules in files that are no longer excluded.

        Args:
            files: The files, as added paths.
            rules: The rules to match.

        Yields:
            The findings of each rule, by rule index and path.
        """
        for part, part_rules in self._read_in_parts([files], rules):
            entered = self._in_contents(part, part_rules)
            for index, at_paths in self._joint.enter_trees(part, part_rules, self.held):
                entered[index].update(at_paths)
            yield entered
        yield dict(self._joint.enter_projects(files, rules))

    def _follow_binary_files(self, changes: Iterable[Change]) -> None:
        if not self._binary_blobs and not self.binary_paths:
            return
        for change in changes:
            if change.new in self._binary_blobs:
                self.binary_paths.add(change.path)
            else:
                self.binary_paths.discard(change.path)

    def _plan(self, work: Work, path: str, blob: str, rules: RuleSet) -> None:
        """Add to `work` the rules that have not yet been matched against a blob at a path."""
        admitted = self.matcher.admitted(path) & rules
        by_path = admitted & self.matcher.by_path
        for place, wanted in ((ANYWHERE, admitted & ~by_path), (path, by_path)):
            missing = wanted & ~self._done.get((blob, place), 0)
            if missing:
                places = work.setdefault(blob, Reading(path)).places
                places[place] = places.get(place, 0) | missing

    def _match(self, work: Work) -> None:
        self._searched.update(work)
        if self._known is not None:
            self._take_known(self._known, work)
        BlobSearch(self.matcher, self._git_dir, self._limits, self).run(work)

    def _take_known(self, known: KnownMatches, work: Work) -> None:
        """Take over the matches from earlier walks, and remove their rules from `work`."""
        for place, answer in known.take_from(work, leave=self._crashed):
            if answer.is_binary:
                self._binary_blobs.add(place[0])
            self._hold(place, answer.rules, answer.hits)

    def see_binary(self, blob: str) -> None:
        """Record that a blob is binary."""
        self._binary_blobs.add(blob)

    def keep(self, place: Place, rules: RuleSet, hits: Hits, errors: Errors) -> None:
        """Record the matches of rules in a blob, and the errors of rules that failed on it."""
        if errors:
            self._note_errors(place, errors)
        if self._known is not None:
            succeeded = rules
            if errors or self.matcher.failures:
                succeeded &= ~self.matcher.rule_set({*errors, *self.matcher.failures})
            is_binary = place[0] in self._binary_blobs
            self._known.add(place, succeeded, hits, is_binary=is_binary)
        self._hold(place, rules, hits)

    def _hold(self, place: Place, rules: RuleSet, hits: Hits) -> None:
        self._done[place] = self._done.get(place, 0) | rules
        if not hits:
            return
        self._hits[place] = self._hits.get(place, ()) + hits
        for index, spots in hits:
            self._spot_counts[index] += len(spots)
        if self._spot_counts.total() > self._limits.held_matches:
            raise MatchBufferFullError

    def _note_errors(self, place: Place, errors: Errors) -> None:
        unread = self._unread.setdefault(place, {})
        for index, (kind, reason) in errors.items():
            limit = self._limits.of_scanners if kind == "crashed" else ""
            unread[index] = Unread(kind, reason, place[0], limit)

    def fail_to_read(self, blob: str, reading: Reading, error: UnreadError) -> None:
        """Record that no rule can read a blob."""
        why = unread_of(error, blob, self._explain)
        for path, rules in reading.places.items():
            self._leave_out((blob, path), rules, dict.fromkeys(indices_of(rules), why))

    def skip_crashed(self, blob: str, reading: Reading) -> None:
        """Remove from `reading` the rules whose scanners crash on this blob."""
        crashed = self._crashed.get(blob)
        if crashed is None:
            return
        for path, rules in reading.places.items():
            unread = {index: why for index, why in crashed.items() if rules >> index & 1}
            skipped = self.matcher.rule_set(unread)
            self._leave_out((blob, path), skipped, unread)
            reading.places[path] = rules & ~skipped

    def _leave_out(self, place: Place, rules: RuleSet, unread: Mapping[int, Unread]) -> None:
        self._done[place] = self._done.get(place, 0) | rules
        self._unread[place] = {**self._unread.get(place, {}), **unread}

    def _unread_at(self, path: str, blob: str, rules: RuleSet) -> list[tuple[int, Unread]]:
        """Return the rules in a set that could not read a blob at a path, with the reasons."""
        places = ((blob, ANYWHERE), (blob, path)) if self._unread else ()
        return [
            (index, why)
            for place in places
            for index, why in self._unread.get(place, {}).items()
            if rules >> index & 1
        ]

    def _found(self, path: str, blob: str) -> Hits:
        anywhere = self._hits.get((blob, ANYWHERE), ())
        if not self.matcher.by_path:
            return anywhere
        return anywhere + self._hits.get((blob, path), ())


def _count_spots(at_paths: Iterable[Found | Unread]) -> int:
    return sum(len(at_path.spots) for at_path in at_paths if isinstance(at_path, Found))
