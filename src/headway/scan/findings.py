"""The matches of a walk's rules; each blob is read and matched only once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headway.git.attributes import Attributes
from headway.git.history import Change
from headway.git.objects import read_texts
from headway.git.path_encoding import bytes_of
from headway.model.limits import Limits
from headway.progress.tracker import Found
from headway.scan.batch_search import BatchSearch
from headway.scan.incremental_match import IncrementalMatch
from headway.scan.matching import Hits, Matcher, RuleSet
from headway.scan.tree_findings import TreeFindings
from headway.scanner import TreeScanner

_ANYWHERE = ""
"""Used in place of a path for rules whose matches do not depend on the path."""

_Place = tuple[str, str]
"""A blob ID, and the path at which the blob was matched, or `_ANYWHERE`."""


class MatchBufferFullError(Exception):
    """A group of files has more matches than may be held in memory."""


@dataclass(slots=True)
class _Reading:
    """One blob to read and match."""

    path: str
    """The first path at which the blob occurs."""
    places: dict[str, RuleSet] = field(default_factory=dict)
    """Maps each path at which to match the blob, or `_ANYWHERE`, to the rules to match."""


_Work = dict[str, _Reading]
"""The blobs to read, by blob ID, in the order in which commits introduced them."""


class Findings:
    """The matches of content rules by blob, and the matches of tree rules by path."""

    def __init__(self, matcher: Matcher, git_dir: Path, limits: Limits) -> None:
        self.matcher = matcher
        self.blobs_read = 0
        self.held: dict[str, RuleSet] = {}
        """Maps each path to the rules that have open items there."""
        self._git_dir = git_dir
        self._limits = limits
        self._hits: dict[_Place, Hits] = {}
        self._done: dict[_Place, RuleSet] = {}
        """The rules already matched against each blob, including rules that found nothing."""
        self._spot_counts: Counter[int] = Counter()
        """The number of matches in `_hits`, by rule index."""
        self.binary_paths: set[str] = set()
        """The paths of the binary files that content rules admit, at the current commit."""
        self._binary_blobs: set[str] = set()
        self._trees = {
            index: TreeFindings(matcher, index)
            for index, bound in enumerate(matcher.rules)
            if isinstance(bound.scanner, TreeScanner)
        }

    def hold(self, path: str, index: int) -> None:
        """Record that a rule has an open item at `path`."""
        self.held[path] = self.held.get(path, 0) | 1 << index

    def release(self, path: str, index: int) -> None:
        """Record that a rule no longer has an open item at `path`."""
        remaining = self.held.get(path, 0) & ~(1 << index)
        if remaining:
            self.held[path] = remaining
        else:
            self.held.pop(path, None)

    def begin(
        self, windows: Iterable[Sequence[Change]], rules: RuleSet
    ) -> dict[int, dict[str, Found]]:
        """Read and match a whole tree.

        Args:
            windows: The files of the tree in groups, each file as an added path.
            rules: The rules to match.

        Returns:
            For each rule index, the rule's matches by path.
        """
        found: dict[int, dict[str, Found]] = defaultdict(dict)
        tree_paths: dict[int, dict[str, str]] = {
            index: {} for index in self._trees if rules >> index & 1
        }
        counts: Counter[int] = Counter()
        limit = self._limits.max_matches
        for window in windows:
            self._read_window(window, rules)
            self._follow_binary_files(window)
            for path, _, blob in window:
                assert blob is not None
                admitted = self.matcher.admitted(path) & rules
                for index, spots in self._found(path, blob):
                    if admitted >> index & 1:
                        found[index][path] = Found(blob, spots)
                        counts[index] += len(spots)
                for index, paths in tree_paths.items():
                    if admitted >> index & 1:
                        paths[path] = blob
            self.make_room()
            for index in [index for index, count in counts.items() if count > limit]:
                self.matcher.fail_for_many(index, limit)
                found.pop(index, None)
        for index, paths in tree_paths.items():
            found[index] = self._trees[index].begin(paths)
            if sum(len(file.spots) for file in found[index].values()) > limit:
                self.matcher.fail_for_many(index, limit)
                del found[index]
        return found

    def forget(self) -> None:
        """Forget all matches. Blobs that had matches are read again if they occur again."""
        for place in self._hits:
            self._done.pop(place, None)
        self._hits.clear()
        self._spot_counts.clear()

    def make_room(self) -> None:
        """Forget all matches if there are many; otherwise keep them, to avoid rereading blobs."""
        if self._spot_counts.total() > self._limits.held_matches // 2:
            self.forget()

    def fail_most(self) -> None:
        """Mark the rule that has the most matches as failed."""
        index = max(self._spot_counts, key=self._spot_counts.__getitem__)
        self.matcher.fail_for_many(index, self._limits.held_matches)
        self.forget()

    def _read_window(self, window: Sequence[Change], rules: RuleSet) -> None:
        """Read a group of files; fail the rule with the most matches until the matches fit."""
        while True:
            try:
                self.read_many([(window, rules)])
            except MatchBufferFullError:
                self.fail_most()
            else:
                return

    def read_many(self, commits: Iterable[tuple[Iterable[Change], RuleSet]]) -> None:
        """Read and match each new blob of several commits once.

        Args:
            commits: For each commit, its changes and the rules to match.

        Raises:
            MatchBufferFullError: The commits together have too many matches.
        """
        work: _Work = {}
        for changes, rules in commits:
            for change in changes:
                if change.new is not None:
                    self._plan(work, change.path, change.new, rules & self.matcher.content)
        self._match(work)

    def of_commit(
        self, changes: Sequence[Change], rules: RuleSet
    ) -> dict[int, dict[str, Found | None]]:
        """Return the matches at the paths that a commit changed; its blobs must have been read.

        Returns:
            For each rule index, the matches by path after the commit (None if there are none).
            Only paths where the rule has matches now or had open items before are included.
        """
        held = self.held
        self._follow_binary_files(changes)
        changed: dict[int, dict[str, Found | None]] = defaultdict(dict)
        for change in changes:
            path, new = change.path, change.new
            affected = held.get(path, 0) & rules
            while affected:
                lowest = affected & -affected
                changed[lowest.bit_length() - 1][path] = None
                affected ^= lowest
            if new is not None:
                admitted = self.matcher.admitted(path) & rules
                for index, spots in self._found(path, new):
                    if admitted >> index & 1:
                        changed[index][path] = Found(new, spots)
        for index, tree in self._trees.items():
            if rules >> index & 1:
                changed[index].update(tree.advance(changes, held))
        return {index: paths for index, paths in changed.items() if paths}

    def leave(self, before: Attributes, rules: RuleSet) -> dict[int, dict[str, Found | None]]:
        """Return the paths that the current attributes exclude and the earlier ones did not.

        Args:
            before: The earlier attributes.
            rules: The rules whose paths to return.

        Returns:
            For each rule index, the newly excluded paths, each with None.
        """
        attributes = self.matcher.attributes
        # forget excluded files, because the walk does not see their later changes
        self.binary_paths = {path for path in self.binary_paths if self.matcher.admitted(path)}

        def is_newly_excluded(path: str) -> bool:
            name = bytes_of(path)
            return attributes.excludes(name) and not before.excludes(name)

        left: dict[int, dict[str, Found | None]] = defaultdict(dict)
        for path, holders in self.held.items():
            if holders & rules and is_newly_excluded(path):
                for index in _indices(holders & rules):
                    left[index][path] = None
        for index, tree in self._trees.items():
            if rules >> index & 1:
                left[index].update(tree.leave(is_newly_excluded, self.held))
        return left

    def enter(self, files: Sequence[Change], rules: RuleSet) -> dict[int, dict[str, Found | None]]:
        """Return the matches of rules in files that are no longer excluded.

        Args:
            files: The files, as paths that were added.
            rules: The rules to match.

        Returns:
            For each rule index, the matches by path.
        """
        self._read_window(files, rules)
        return self.of_commit(files, rules)

    def _follow_binary_files(self, changes: Iterable[Change]) -> None:
        """Update the paths of the binary files."""
        if not self._binary_blobs and not self.binary_paths:
            return
        for change in changes:
            if change.new in self._binary_blobs:
                self.binary_paths.add(change.path)
            else:
                self.binary_paths.discard(change.path)

    def _plan(self, work: _Work, path: str, blob: str, rules: RuleSet) -> None:
        """Add to `work` the rules that have not been matched yet against one blob at one path."""
        admitted = self.matcher.admitted(path) & rules
        by_path = admitted & self.matcher.by_path
        for place, wanted in ((_ANYWHERE, admitted & ~by_path), (path, by_path)):
            missing = wanted & ~self._done.get((blob, place), 0)
            if missing:
                places = work.setdefault(blob, _Reading(path)).places
                places[place] = places.get(place, 0) | missing

    def _match(self, work: _Work) -> None:
        # Versions of one path are read together, latest first. Git then resolves the fewest deltas,
        # and most matches can be carried over from one version to the next.
        latest_first = list(reversed(work))
        blobs = sorted(latest_first, key=lambda blob: work[blob].path)
        incremental = IncrementalMatch(self.matcher)
        batch = BatchSearch(self.matcher, self._keep)
        contents = read_texts(self._git_dir, blobs, max_bytes=self._limits.max_text_bytes)
        for (blob, content), alone in zip(contents, _only_versions(blobs, work), strict=True):
            self.blobs_read += 1
            if content is None:
                self._binary_blobs.add(blob)
            reading = work[blob]
            for path, rules in reading.places.items():
                place = blob, path
                if not content:
                    self._keep(place, rules, ())
                elif path == _ANYWHERE and not alone:
                    self._keep(place, rules, incremental.find(reading.path, rules, content))
                elif path != _ANYWHERE or not batch.take(place, rules, content):
                    self._keep(place, rules, self.matcher.find(rules, path, content))
        batch.search()

    def _keep(self, place: _Place, rules: RuleSet, hits: Hits) -> None:
        self._done[place] = self._done.get(place, 0) | rules
        if not hits:
            return
        self._hits[place] = self._hits.get(place, ()) + hits
        for index, spots in hits:
            self._spot_counts[index] += len(spots)
        if self._spot_counts.total() > self._limits.held_matches:
            raise MatchBufferFullError

    def _found(self, path: str, blob: str) -> Hits:
        anywhere = self._hits.get((blob, _ANYWHERE), ())
        if not self.matcher.by_path:
            return anywhere
        return anywhere + self._hits.get((blob, path), ())


def _indices(rules: RuleSet) -> list[int]:
    """Return the indices of the rules in a set."""
    return [index for index in range(rules.bit_length()) if rules >> index & 1]


def _only_versions(blobs: Sequence[str], work: Mapping[str, _Reading]) -> Iterator[bool]:
    """For each blob, yield whether no other blob has the same path; blobs are sorted by path."""
    paths = [work[blob].path for blob in blobs]
    for before, path, after in zip([None, *paths], paths, [*paths[1:], None], strict=False):
        yield path not in (before, after)
