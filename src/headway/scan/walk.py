"""Follows rules through the first-parent history of one repository: the work of one worker.

The walk goes in windows, so that memory does not grow with the history: read what changed, read
and match each new content once, then let the trackers follow commit by commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from headway.git.authors import authors
from headway.git.history import (
    Change,
    Links,
    Step,
    TooManyFilesError,
    list_tree,
    read_chain,
    walk,
)
from headway.git.mirrors import is_partial, is_shallow
from headway.git.objects import TooLargeError, UnreadableObjectError, absent
from headway.git.path_encoding import text_of
from headway.git.process import GitError
from headway.model.store_records import Cursor
from headway.progress.tracker import Landing, Tracker
from headway.scan.commit_chain import Chain, whole_chain
from headway.scan.findings import Findings, TooMuchHeldError
from headway.scan.job import Job, JobResult, Track, Walked, failed
from headway.scan.matching import BoundRule, Matcher
from headway.scan.owner_files import Passed, owner_contents, read_owner_files
from headway.scan.worktree_scan import find_at_tip
from headway.scanner import RepositoryScanner
from headway.store.row_codec import day_of


def walk_repository(job: Job, rules: Sequence[BoundRule]) -> JobResult:
    """Follows `job.tracks`, whose rules are `rules` in the same order, to the tip.

    What cannot be read makes the tracks failures; nothing is raised for a repository's sake.
    """
    try:
        return _Walk(job, rules).run()
    except (GitError, UnreadableObjectError) as error:
        missing = _missing(job, rules) if is_partial(job.git_dir) else ()
        if missing:
            return JobResult(job.repository, missing=missing)
        return failed(job, getattr(error, "reason", None) or str(error), damaged=True)
    except (TooLargeError, TooManyFilesError) as error:
        return failed(job, str(error))


def _missing(job: Job, rules: Sequence[BoundRule]) -> tuple[str, ...]:
    """The contents that the walk reads and that the mirror lacks; none where git cannot tell."""
    try:
        return tuple(absent(job.git_dir, _Walk(job, rules).contents()))
    except GitError:
        return ()


class _Walk:
    def __init__(self, job: Job, rules: Sequence[BoundRule]) -> None:
        self.job = job
        self.matcher = Matcher(rules)
        self.findings = Findings(self.matcher, job.git_dir, job.limits)
        self.rewritten: tuple[str, str] | None = None
        self.merged: dict[str, str] = {}
        self.passed = Passed()
        self.chain = self._read_chain()
        begins = [self._start(track) for track in job.tracks]
        self.starts = [start for start, _ in begins]
        self.continued = [continues for _, continues in begins]
        self.trackers = [
            Tracker(
                track.key,
                whole_files=self.findings.is_of_files(index),
                openings=track.openings if self._continues(index) else (),
            )
            for index, track in enumerate(job.tracks)
        ]

    def run(self) -> JobResult:
        """The whole walk."""
        self._begin()
        follow = [start for index, start in enumerate(self.starts) if not self._only_tip(index)]
        if follow:
            for window in _windows(self._passing(min(follow)), self.job.limits.window):
                self._follow(window)
        self._look_at_tip()
        return self._result()

    def contents(self) -> dict[str, None]:
        """All that the walk reads, each once, without reading it."""
        job, matcher = self.job, self.matcher
        wanted = dict.fromkeys(owner_contents(job, self.chain))
        for changes, mask in self._changes_by_commit():
            for change in changes:
                if change.new is not None and matcher.admitted(change.path) & mask:
                    wanted[change.new] = None
        if any(map(self._only_tip, range(len(self.starts)))):
            limit = job.limits.max_files
            tree = list_tree(job.git_dir, job.tip, text_of, max_files=limit)
            wanted |= dict.fromkeys(it.new for it in tree if it.new is not None)
        return wanted

    def _changes_by_commit(self) -> Iterator[tuple[Iterable[Change], int]]:
        """What comes with each commit, and the rules that read it."""
        content = self.findings.content
        for start, mask in self._listed().items():
            commit, limit = self._landing(start, "").commit, self.job.limits.max_files
            tree = list_tree(self.job.git_dir, commit, self.matcher.keep, max_files=limit)
            yield tree, mask & content
        follow = [start for index, start in enumerate(self.starts) if not self._only_tip(index)]
        for step in self._steps(min(follow)) if follow else ():
            yield step.changes, self._active(self.chain.known[step.commit]) & content

    def _read_chain(self) -> Chain:
        """Only what is new where every cursor stands at the same commit; else everything."""
        job = self.job
        cursors = {track.cursor for track in job.tracks}
        stands = {(cursor.commit, cursor.landed_at) for cursor in cursors if cursor is not None}
        if None not in cursors and len(stands) == 1:
            ((commit, landed_at),) = stands
            links = self._links_after(commit)
            if links is not None:
                return Chain(links, whole=False, landed_at=landed_at)
        return whole_chain(job.git_dir, job.tip)

    def _links_after(self, commit: str) -> Links | None:
        """The commits after `commit`, or None when the branch no longer runs through it."""
        if commit == self.job.tip:
            return Links([], [], commit)
        try:
            links = read_chain(self.job.git_dir, self.job.tip, after=commit)
        except GitError:
            # the commit itself may be gone; reading the whole chain tells
            return None
        return links if links.parent == commit else None

    def _continues(self, index: int) -> bool:
        return self.continued[index]

    def _start(self, track: Track) -> tuple[int, bool]:
        """Index of the last commit that the track does not follow any more, -1 for none; and
        whether it continues there from what it knows.

        A branch can grow by commits that landed before the baseline, as when work is pushed late;
        then an earlier walk began at a commit that was not in force at the baseline, and the track
        begins afresh.
        """
        begin = self.chain.in_force_at_start_of(track.baseline)
        if track.cursor is not None:
            stands = self.chain.known.get(track.cursor.commit)
            if stands is None:
                self.rewritten = (track.cursor.commit, self.job.tip)
            elif begin is None or begin <= stands:
                return stands, True
        if begin is None:
            # where the history is cut off, its first commit is not the first
            return (0 if is_shallow(self.job.git_dir) else -1), False
        return begin, False

    def _begin(self) -> None:
        """Lists the tree at each commit from which some rule starts."""
        for index, tracker in enumerate(self.trackers):
            for path in tracker.open_paths:
                self.findings.hold(path, index)
        for start, mask in sorted(self._listed().items()):
            landing = self._landing(start, "")
            changes = list_tree(
                self.job.git_dir,
                landing.commit,
                self.passed.keeps(self.matcher.keep),
                max_files=self.job.limits.max_files,
            )
            passing = self.passed.listing(start, changes)
            windows = _windows_of_changes(passing, self.job.limits.window)
            for index, found in self.findings.begin(windows, mask).items():
                if not self._continues(index):
                    self.trackers[index].begin(landing, found)
                    for path in found:
                        self.findings.hold(path, index)

    def _listed(self) -> dict[int, int]:
        """Index of a commit whose whole tree is to be looked at, to the rules for it."""
        listed: dict[int, int] = defaultdict(int)
        for index, start in enumerate(self.starts):
            if self._only_tip(index):
                continue
            if self._continues(index):
                if self.findings.needs_all_paths(index):
                    listed[start] |= 1 << index
            elif start >= 0:
                listed[start] |= 1 << index
        return listed

    def _passing(self, first: int) -> Iterator[Step]:
        for step in self._steps(first):
            self.passed.step(self.chain.known[step.commit], step.changes)
            yield step
        self.passed.first = first

    def _steps(self, first: int) -> Iterator[Step]:
        if first + 1 >= len(self.chain.commits):
            return iter(())
        after = self.chain.commits[first] if first >= 0 else None
        if first < 0 and not self.chain.whole:
            after = self.chain.parent
        return walk(
            self.job.git_dir,
            self.job.tip,
            after,
            self.passed.keeps(self.matcher.keep),
            max_files=self.job.limits.max_files,
        )

    def _follow(self, window: Sequence[Step]) -> None:
        """A window, or its halves where more is found in it than is to be held at a time."""
        try:
            self._follow_at_once(window)
        except TooMuchHeldError:
            if len(window) == 1:
                self.findings.fail_most()
            else:
                self.findings.forget()
            middle = len(window) // 2
            for half in (window[:middle], window[middle:]):
                if half:
                    self._follow(half)
        self.findings.make_room()

    def _follow_at_once(self, window: Sequence[Step]) -> None:
        places = [self.chain.known[step.commit] for step in window]
        active = [self._active(place) for place in places]
        self.findings.read_many(
            (step.changes, mask) for step, mask in zip(window, active, strict=True)
        )
        for step, place, mask in zip(window, places, active, strict=True):
            changed = self.findings.of_commit(step.changes, mask)
            if not changed:
                continue
            landing = self._landing(place, step.author)
            if step.merged is not None:
                self.merged[step.commit] = step.merged
            for index, paths in changed.items():
                if index in self.matcher.failures:
                    continue
                tracker = self.trackers[index]
                tracker.advance(landing, paths)
                if tracker.count > self.job.limits.max_matches:
                    self._give_up(index)
                    continue
                for path in paths:
                    if tracker.has_open(path):
                        self.findings.hold(path, index)
                    else:
                        self.findings.release(path, index)

    def _give_up(self, index: int) -> None:
        self.matcher.fail_for_many(index, self.job.limits.max_matches)
        track = self.job.tracks[index]
        self.trackers[index] = Tracker(track.key, whole_files=self.findings.is_of_files(index))

    def _active(self, place: int) -> int:
        """The rules whose walk includes the commit at this index."""
        mask = 0
        for index, start in enumerate(self.starts):
            if start < place and not self._only_tip(index) and index not in self.matcher.failures:
                mask |= 1 << index
        return mask

    def _only_tip(self, index: int) -> bool:
        return isinstance(self.matcher.rules[index].scanner, RepositoryScanner)

    def _look_at_tip(self) -> None:
        """Rules that need a work tree know nothing between scans: they compare tip with tip."""
        for index, bound in enumerate(self.matcher.rules):
            if not self._only_tip(index):
                continue
            found = find_at_tip(self.job, bound, self.matcher, index)
            if found is None:
                continue
            tracker = self.trackers[index]
            landing = self._landing(len(self.chain.commits) - 1, "")
            if self._continues(index):
                missing = dict.fromkeys(tracker.open_paths)
                tracker.advance(landing, {**missing, **found})
            else:
                tracker.begin(landing, found)

    def _landing(self, place: int, author: str) -> Landing:
        if place < 0:
            cursor = self.job.tracks[0].cursor
            assert cursor is not None
            return Landing(
                cursor.commit, cursor.landed_at, day_of(cursor.landed_at, self.job.today), author
            )
        landed_at = self.chain.times[place]
        return Landing(
            self.chain.commits[place], landed_at, day_of(landed_at, self.job.today), author
        )

    def _result(self) -> JobResult:
        job, chain = self.job, self.chain
        self._name_authors()
        walked, failures = [], []
        for index, track in enumerate(job.tracks):
            if index in self.matcher.failures:
                failures.append((track.key, self.matcher.failures[index]))
                continue
            at = chain.times[-1] if chain.times else track.cursor.landed_at if track.cursor else 0
            walked.append(
                Walked(
                    track.key,
                    tuple(self.trackers[index].touched),
                    not self._continues(index),
                    Cursor(track.fingerprint, track.baseline, job.tip, at),
                )
            )
        return JobResult(
            repository=job.repository,
            walked=tuple(walked),
            failures=tuple(failures),
            rewritten=self.rewritten,
            first_commit_on=self._first_day(),
            owner_files=read_owner_files(job, self.chain, self.passed),
            commits=len(chain.commits) - max(0, min(self.starts) + 1),
            blobs=self.findings.blobs_read,
        )

    def _name_authors(self) -> None:
        """What a merge opened or closed is the work of whoever made what was merged."""
        touched = [opening for tracker in self.trackers for opening in tracker.touched]
        commits = {each.opened_commit for each in touched} | {
            each.closed_commit for each in touched
        }
        merged = {commit: self.merged[commit] for commit in commits & self.merged.keys() if commit}
        found = authors(self.job.git_dir, merged.values())
        names = {commit: found[made] for commit, made in merged.items() if made in found}
        for opening in touched:
            if not opening.at_baseline:
                opening.opened_by = names.get(opening.opened_commit, opening.opened_by)
            if opening.closed_commit is not None:
                opening.closed_by = names.get(opening.closed_commit, opening.closed_by)

    def _first_day(self) -> date | None:
        if not self.chain.whole or not self.chain.times:
            return None
        return day_of(self.chain.times[0], self.job.today)


def _windows(steps: Iterable[Step], size: int) -> Iterator[list[Step]]:
    """Runs of commits that change about `size` files together."""
    window: list[Step] = []
    held = 0
    for step in steps:
        window.append(step)
        held += len(step.changes)
        if held >= size:
            yield window
            window, held = [], 0
    if window:
        yield window


def _windows_of_changes(changes: Iterable[Change], size: int) -> Iterator[list[Change]]:
    window: list[Change] = []
    for change in changes:
        window.append(change)
        if len(window) >= size:
            yield window
            window = []
    if window:
        yield window
