"""Determine the commits of a repository that a walk reads, and the rules to match in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from headway.git.attributes import Attributes
from headway.git.history import Change, Step, Tree, read_tree, walk
from headway.git.landing_times import in_force_before
from headway.git.path_encoding import bytes_of
from headway.model.store_records import AttributeFiles, Beginning, Cursor
from headway.progress.gaps import GapTracker, Unread
from headway.progress.opening import Found, Landing, Opening, Version
from headway.progress.tracker import Tracker
from headway.scan.bound_rule import BoundRule
from headway.scan.changed_files import ChangedFiles
from headway.scan.commit_chain import Chain, chain_for, start_of
from headway.scan.findings import AtPath
from headway.scan.gap_retry import without_closable_gaps
from headway.scan.isolation import isolation_of
from headway.scan.job import Job, Track
from headway.scan.matching import Matcher, RuleSet
from headway.scan.owner_files import SeenOwnerFiles
from headway.scan.vendored_files import (
    VendoredFiles,
    attribute_files_in,
    is_attribute_file,
)
from headway.scanner import ProjectScanner, RepositoryScanner, TreeScanner


class NothingLandedError(Exception):
    """No commit of the repository had landed by the day of the scan."""

    def __init__(self, today: date) -> None:
        super().__init__(f"the first commit landed after {today}, the day of this scan")


Keep = Callable[[bytes], str | None]
"""Converts a file name to a string, or returns None for a file that is not read."""


@dataclass(slots=True)
class FollowedRule:
    """A rule whose matches are tracked through the history of one repository."""

    index: int
    """The position of the rule in the job, which is also its index in the matcher."""
    track: Track
    bound: BoundRule
    start: int
    """The position in the chain at which the initial matches are read. -1 means that all commits
    are walked.
    """
    continues: bool
    """Whether an earlier walk ended at `start`. In this case, all earlier openings are known."""
    redated: Sequence[Opening] = ()
    """The openings of earlier walks whose landing times this walk corrected."""
    tracker: Tracker = field(init=False)
    gaps: GapTracker = field(init=False)

    def __post_init__(self) -> None:
        self.tracker = self._tracker(self.track.openings if self.continues else ())
        self.gaps = GapTracker(self.track.gaps if self.continues else ())

    @property
    def at_tip_only(self) -> bool:
        """Return whether the rule needs a work tree. Only the tip has one."""
        return isinstance(self.bound.scanner, RepositoryScanner)

    @property
    def needs_whole_tree(self) -> bool:
        """Return whether the rule needs all paths at `start` instead of only later changes."""
        scanner = self.bound.scanner
        if self.continues:
            if isinstance(scanner, TreeScanner):
                return not scanner.each_path_alone
            return isinstance(scanner, ProjectScanner)
        return self.start >= 0

    def begin(self, landing: Landing, found: Mapping[str, Found | Unread]) -> None:
        """Open an item for each match in the first commit. `found` has the findings by path."""
        read, unread = _divided(found)
        self.tracker.begin(landing, {path: at for path, at in read.items() if at is not None})
        self.gaps.begin(landing, unread)

    def advance(self, landing: Landing, changed: Mapping[str, AtPath], files: ChangedFiles) -> None:
        """Apply the changes in the next commit.

        Args:
            landing: The commit.
            changed: The findings of the rule at each path that the commit changed.
            files: All files that the commit changed.
        """
        read, unread = _divided(changed)
        if unread or self.gaps.open_paths:
            self.gaps.advance(landing, changed, unread)
            for path in unread:
                source = files.source_of(path)
                # A file that was only renamed keeps its items.
                if source is not None and source in read and self.tracker.has_open(source):
                    del read[source]
                    self.tracker.move(landing, source, path)
        self.tracker.advance(landing, read, files)

    def change_scope(self, landing: Landing, changed: Mapping[str, AtPath]) -> None:
        """Close items at paths that `changed` maps to None, and open items at the other paths."""
        read, unread = _divided(changed)
        self.gaps.advance(landing, changed, unread)
        self.tracker.change_scope(landing, read)

    def reset(self) -> None:
        """Remove all tracked items and gaps."""
        self.tracker = self._tracker(())
        self.gaps = GapTracker()

    @property
    def touched(self) -> list[Opening]:
        """The openings that this walk added or changed."""
        touched = self.tracker.touched
        keys = {(opening.item, opening.number) for opening in touched}
        return touched + [entry for entry in self.redated if (entry.item, entry.number) not in keys]

    def _tracker(self, openings: Sequence[Opening]) -> Tracker:
        whole_files = isinstance(self.bound.scanner, TreeScanner)
        return Tracker(self.track.key, whole_files=whole_files, openings=openings)


def _divided(
    at_paths: Mapping[str, AtPath],
) -> tuple[dict[str, Found | None], dict[str, Unread]]:
    """Separate matches from unreadable paths."""
    read: dict[str, Found | None] = {}
    unread: dict[str, Unread] = {}
    for path, at_path in at_paths.items():
        if isinstance(at_path, Unread):
            unread[path] = at_path
        else:
            read[path] = at_path
    return read, unread


class WalkRoute:
    """The commits of one walk, and the rules whose matches are tracked through them."""

    def __init__(self, job: Job, bound_rules: Sequence[BoundRule]) -> None:
        """Read the chain of commits.

        Raises:
            NothingLandedError: No commit had landed by the day of the scan.
            GitError, UnreadableObjectError: The chain could not be read.
        """
        job = without_closable_gaps(job)
        self.matcher = Matcher(
            bound_rules, together=not job.one_by_one, isolation=isolation_of(job)
        )
        self.chain = chain_for(job)
        if self.chain.tip is None:
            raise NothingLandedError(job.today)
        self.job = replace(job, tip=self.chain.tip)
        """The job, with the last landed commit as its tip."""
        self.rewritten: tuple[str, str] | None = None
        """(Old tip, new tip) if the branch no longer contains a cursor's commit."""
        self.rules = [
            self._follow(index, track, bound)
            for index, (track, bound) in enumerate(zip(job.tracks, bound_rules, strict=True))
        ]
        self.tip_rules = [rule for rule in self.rules if rule.at_tip_only]
        self.history_rules = [rule for rule in self.rules if not rule.at_tip_only]
        self.start = min((rule.start for rule in self.history_rules), default=None)
        """The earliest start of all rules, or None if no rule is tracked through the history."""
        self.continuing = self.matcher.rule_set(rule.index for rule in self.rules if rule.continues)
        """The rules whose matches at their start are known from an earlier walk."""

    def _follow(self, index: int, track: Track, bound: BoundRule) -> FollowedRule:
        """Determine the commit from which to track a rule."""
        chain, cursor = self.chain, track.cursor
        baseline = chain.in_force_at_start_of(track.baseline)
        if cursor is not None:
            reached = chain.index_of.get(cursor.commit)
            if reached is None:
                if cursor.commit not in chain.hidden:
                    self.rewritten = (cursor.commit, self.job.tip)
            elif (baseline is None or baseline <= reached) and cursor.cut in (None, chain.cut):
                if isinstance(bound.scanner, RepositoryScanner):
                    # An earlier tip cannot be scanned again, so the rule always continues.
                    redated = redate(chain, self.job.today, track.openings)
                    return FollowedRule(index, track, bound, reached, True, redated)
                if not is_redated(chain, track, cursor):
                    return FollowedRule(index, track, bound, reached, True)
            # Otherwise, the earlier walk began at the wrong commit or recorded wrong days. Commits
            # may have landed before the baseline because of a late push, a landing time may have
            # been corrected, or a shallow clone may have been deepened.
        if baseline is None:
            # The first commit of a shallow clone is not the first commit of the history.
            return FollowedRule(index, track, bound, -1 if chain.cut is None else 0, False)
        return FollowedRule(index, track, bound, baseline, False)

    def cursor(self, rule: FollowedRule, binary_files: int) -> Cursor:
        """Return the cursor of a rule that was tracked up to the tip.

        `binary_files` is the number of binary files at the tip that the rule selects.
        """
        chain, track = self.chain, rule.track
        cut, known_from = None, None
        if rule.continues:
            assert track.cursor is not None
            cut, known_from = track.cursor.cut, track.cursor.known_from
        elif chain.cut is not None:
            cut = chain.cut
            if chain.in_force_at_start_of(track.baseline) is None:
                known_from = chain.landing(0, self.job.today).day
        return Cursor(
            track.fingerprint,
            track.baseline,
            self.job.tip,
            chain.tip_landed_at,
            chain.recheck_on,
            cut,
            known_from,
            binary_files,
            *self._places(rule),
        )

    def _places(self, rule: FollowedRule) -> tuple[int | None, Beginning | None]:
        """Return `position` and `begins` of a rule's cursor."""
        chain, track = self.chain, rule.track
        position = chain.position(len(chain.commits) - 1)
        if not track.has_conditions or position is None:
            return None, None
        if rule.continues and track.cursor is not None:
            return position, track.cursor.begins
        start = len(chain.commits) - 1 if rule.at_tip_only else max(rule.start, 0)
        landing = chain.landing(start, self.job.today)
        at_baseline = rule.at_tip_only or rule.start >= 0
        return position, Beginning(
            start, landing.commit, landing.landed_at, landing.day, at_baseline
        )

    def whole_trees(self) -> dict[int, RuleSet]:
        """Return the rules that read a whole tree, by the index of the tree's commit."""
        readers: dict[int, list[int]] = defaultdict(list)
        for rule in self.history_rules:
            if rule.needs_whole_tree:
                readers[rule.start].append(rule.index)
        return {start: self.matcher.rule_set(readers[start]) for start in sorted(readers)}

    def tree(self, index: int) -> Tree:
        """Return the files of the commit with this index."""
        commit = self.landing(index).commit
        return read_tree(self.job.git_dir, commit, max_files=self.job.limits.max_files)

    def attribute_files(self, index: int) -> AttributeFiles:
        """Return the `.gitattributes` files of the commit with this index."""
        commit, cursor = self.chain.commit_at(index), self.job.owner_cursor
        if commit is None:
            return AttributeFiles({}, has_marks=False)
        if cursor is not None and cursor.commit == commit and cursor.attributes is not None:
            return cursor.attributes
        return attribute_files_in(self.tree(index))

    def steps(self, keep: Keep) -> Iterator[Step]:
        """Return the commits after the earliest start of all rules, with their changes."""
        if self.start is None or self.start + 1 >= len(self.chain.commits):
            return iter(())
        whole = self.start == -1 and not self.chain.hidden
        return walk(
            self.job.git_dir,
            self.job.tip,
            self.chain.commit_at(self.start),
            keep,
            max_files=self.job.limits.max_files,
            log=self.chain.log if whole else None,
        )

    def rules_at(self, index: int) -> RuleSet:
        """Return the rules that have not failed and are tracked at the commit with this index."""
        return self.matcher.rule_set(
            rule.index
            for rule in self.history_rules
            if rule.start < index and rule.index not in self.matcher.failures
        )

    def landing(self, index: int, author: str = "") -> Landing:
        """Return the landing of the commit with this index."""
        return self.chain.landing(index, self.job.today, author)

    def contents(self, read: Callable[[str], bytes | None]) -> dict[str, None]:
        """Return the IDs of the blobs that the walk reads, in the order of reading.

        Args:
            read: Returns the content of a blob, or None if it is missing.
        """
        vendored = VendoredFiles(self.matcher, read)
        keep = SeenOwnerFiles().keep_too(self.matcher.keep)
        blobs: dict[str, None] = {}
        for index, rules in self.whole_trees().items():
            tree = self.tree(index)
            vendored.take(attribute_files_in(tree))
            blobs |= dict.fromkeys(vendored.files.blobs.values())
            blobs |= self._read_by(rules, tree.files(keep))
        if self.start is not None:
            vendored.take(self.attribute_files(self.start))
            blobs |= dict.fromkeys(vendored.files.blobs.values())
        for step in self.steps(keep):
            index = self.chain.index_of[step.commit]
            rules = self.rules_at(index)
            if any(is_attribute_file(change.path) for change in step.changes):
                before = vendored.follow(step.changes)
                blobs |= dict.fromkeys(vendored.files.blobs.values())
                blobs |= self._read_by(rules, self.included_files(index, before))
            blobs |= self._read_by(rules, step.changes)
            blobs |= self._compared_by(rules, step.changes)
        return blobs

    def included_files(self, index: int, before: Attributes) -> Iterator[Change]:
        """Return the files that are no longer excluded after a commit.

        Args:
            index: The index of the commit.
            before: The attributes before the commit.
        """
        if before == self.matcher.attributes:
            return iter(())
        files = self.tree(index).files(self.matcher.keep)
        return (change for change in files if before.excludes(bytes_of(change.path)))

    def _read_by(self, rules: RuleSet, changes: Iterable[Change]) -> dict[str, None]:
        readers = rules & self.matcher.reading
        return {
            change.new: None
            for change in changes
            if change.new is not None and self.matcher.admitted(change.path) & readers
        }

    def _compared_by(self, rules: RuleSet, changes: Iterable[Change]) -> dict[str, None]:
        """Return the blobs to compare in order to detect renamed files of tree rules."""
        readers = rules & ~self.matcher.reading
        if not readers:
            return {}
        admitted = [change for change in changes if self.matcher.admitted(change.path) & readers]
        removed = [change.old for change in admitted if change.new is None]
        added = [change.new for change in admitted if change.old is None]
        return {blob: None for blob in removed + added if blob} if removed and added else {}


def is_redated(chain: Chain, track: Track, cursor: Cursor) -> bool:
    """Return whether this chain corrects a landing time that an earlier walk recorded."""
    before = chain.times_before(cursor)
    if before is None:
        return True
    now = chain.times[: len(before)]
    if before == now:
        return False
    baseline = in_force_before(before, start_of(track.baseline))
    if baseline != in_force_before(now, start_of(track.baseline)):
        return True
    moved = [index for index, time in enumerate(before) if time != now[index]]
    commits = {chain.commits[index] for index in moved}
    if cursor.begins is not None and cursor.begins.commit in commits:
        return True
    return any(
        opening.closed_commit in commits
        or any(version.commit in commits for version in opening.all_versions)
        for opening in track.openings
    ) or any(gap.opened_commit in commits or gap.closed_commit in commits for gap in track.gaps)


def redate(chain: Chain, today: date, openings: Iterable[Opening]) -> list[Opening]:
    """Correct the landing times of openings, and return the openings that changed."""
    if not chain.whole:
        return []
    changed = []
    for opening in openings:
        before = (opening.opened_at, opening.closed_at, opening.versions)
        if (index := chain.index_of.get(opening.opened_commit)) is not None:
            landing = chain.landing(index, today)
            opening.opened_at, opening.opened_on = landing.landed_at, landing.day
        if (index := chain.index_of.get(opening.closed_commit or "")) is not None:
            landing = chain.landing(index, today)
            opening.closed_at, opening.closed_on = landing.landed_at, landing.day
        opening.versions = tuple(_redated(chain, today, version) for version in opening.versions)
        if before != (opening.opened_at, opening.closed_at, opening.versions):
            changed.append(opening)
    return changed


def _redated(chain: Chain, today: date, version: Version) -> Version:
    index = chain.index_of.get(version.commit)
    if index is None:
        return version
    landing = chain.landing(index, today)
    return version._replace(landed_at=landing.landed_at, day=landing.day)
