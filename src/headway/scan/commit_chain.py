"""The first-parent commits that a walk reads, with their landing times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path

from headway.git.history import Links, read_chain
from headway.git.landing_times import in_force_before, in_order, landing_times
from headway.git.mirrors import shallow_commits
from headway.git.new_commits import NewCommits, read_new_commits
from headway.git.process import GitError
from headway.model.store_records import Cursor
from headway.progress.opening import Landing
from headway.scan.job import Job
from headway.store.row_codec import day_of

_DAY = 86_400
"""The length of a day in seconds."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """The latest landing day and the latest committer time that a scan accepts."""

    today: date
    """The date that the scan uses as today. Commits that landed later are ignored."""
    latest: date | None
    """The latest plausible day of a committer time: the actual day of the scan.

    This day is later than `today` in a scan as of a past day. None means that any day is plausible.
    """

    @property
    def latest_time(self) -> int | None:
        """The last second of `latest` since 1970 UTC, or None if any time is plausible."""
        return None if self.latest is None else start_of(self.latest) + _DAY - 1


class Chain:
    """A sequence of first-parent commits, oldest first, that ends at the tip.

    Commits have indices. The index -1 means `parent`, the commit before the first commit. The tip
    is the last commit that had landed by the end of the scan's day.
    """

    def __init__(
        self,
        links: Links,
        horizon: Horizon,
        *,
        after: Cursor | None = None,
        cut: str | None = None,
        log: bytes | None = None,
    ) -> None:
        """Build the chain from git's list of commits.

        Args:
            links: The commits and their committer times.
            horizon: Determines which commits have landed, and which committer times are plausible.
            after: The cursor after which the commits begin. Their committer times must be in order.
                None means a whole chain.
            cut: The first commit if its parents are missing from a shallow clone, or None.
            log: The changes in the commits as listed by git, if they are known. See `history.walk`.
        """
        self.log = log if links.commits else None
        self.parent = links.parent
        self.whole = after is None
        self.cut = cut
        self._committed_at = links.committed_at
        self._parent_landed_at = 0 if after is None else after.landed_at
        self._parent_position = -1 if after is None else after.position
        latest_time = horizon.latest_time
        times = (
            landing_times(links.committed_at, latest_time) if after is None else links.committed_at
        )
        landed = bisect_right(times, start_of(horizon.today) + _DAY - 1)
        self.commits: Sequence[str] = links.commits[:landed]
        self.times: Sequence[int] = times[:landed]
        self.hidden: AbstractSet[str] = frozenset(links.commits[landed:])
        """Commits that had not landed by the end of the scan's day."""
        self.recheck_on = self._recheck_on(horizon.today, after)
        """The value of `Cursor.recheck_on` for a walk that ends at the tip."""

    @cached_property
    def index_of(self) -> Mapping[str, int]:
        """Maps each commit to its index. The parent has the index -1."""
        indices = {commit: index for index, commit in enumerate(self.commits)}
        if self.parent is not None:
            indices[self.parent] = -1
        return indices

    @property
    def tip(self) -> str | None:
        """The last landed commit, or else the parent, or else None."""
        return self.commits[-1] if self.commits else self.parent

    @property
    def tip_landed_at(self) -> int:
        """The landing time of the tip, in seconds since 1970 UTC."""
        return self.times[-1] if self.times else self._parent_landed_at

    def commit_at(self, index: int) -> str | None:
        """Return the commit with this index, or None for the index -1 if there is no parent."""
        return self.commits[index] if index >= 0 else self.parent

    def landing(self, index: int, today: date, author: str = "") -> Landing:
        """Return the landing of the commit with this index. Its day is never after `today`."""
        commit = self.commit_at(index)
        assert commit is not None
        landed_at = self.times[index] if index >= 0 else self._parent_landed_at
        return Landing(commit, landed_at, day_of(landed_at, today), author, self.position(index))

    def position(self, index: int) -> int | None:
        """Return the number of first-parent commits before a commit, or None if it is unknown.

        The commits of a shallow clone are counted from its cut.
        """
        before = self._parent_position
        return None if before is None else before + 1 + index

    def first_day(self, today: date) -> date | None:
        """Return the day of the first commit in the history, or None if this chain begins later."""
        return day_of(self.times[0], today) if self.whole and self.times else None

    def in_force_at_start_of(self, day: date) -> int | None:
        """Return the index of the last commit that landed before `day`, or None if none did."""
        return in_force_before(self.times, start_of(day))

    def times_before(self, cursor: Cursor) -> Sequence[int] | None:
        """Return the landing times recorded by the walk that ended at a cursor.

        Returns:
            The times of this chain's commits up to the cursor's commit, oldest commit first. The
                list is empty if this is not a whole chain. None if the times cannot be derived from
                this chain.
        """
        reached = self.index_of.get(cursor.commit)
        if reached is None:
            return None
        if not self.whole:
            return self.times[:0]
        if self.is_in_order and cursor.recheck_on is None:
            return self.times[: reached + 1]
        if cursor.recheck_on is not None and cursor.recheck_on <= _day(cursor.landed_at):
            return None
        latest = None if cursor.recheck_on is None else start_of(cursor.recheck_on) - 1
        return landing_times(self._committed_at[: reached + 1], latest)

    @cached_property
    def is_in_order(self) -> bool:
        """Return whether all committer times are in order, including those in `hidden`."""
        return in_order(self._committed_at)

    def _recheck_on(self, today: date, after: Cursor | None) -> date | None:
        if self.hidden:
            return _day(self.tip_landed_at)
        tomorrow = start_of(today) + _DAY
        later = [time for time in self._committed_at if time >= tomorrow]
        days = [_day(min(later))] if later else []
        if after is not None and after.recheck_on is not None:
            days.append(after.recheck_on)
        return min(days, default=None)


def whole_chain(git_dir: Path, tip: str, horizon: Horizon) -> Chain:
    """Return the chain from the first available commit to `tip`."""
    links = read_chain(git_dir, tip)
    first = links.commits[0] if links.commits else None
    return Chain(links, horizon, cut=first if first in shallow_commits(git_dir) else None)


def chain_for(job: Job) -> Chain:
    """Return the new commits if all rules continue from the same commit, or the whole chain."""
    horizon = Horizon(job.today, job.latest)
    cursors = {track.cursor for track in job.tracks}
    ends = {
        (cursor.commit, cursor.landed_at, cursor.recheck_on)
        for cursor in cursors
        if cursor is not None
    }
    if None not in cursors and len(ends) == 1:
        known = [cursor for cursor in cursors if cursor is not None]
        cursor = max(known, key=lambda cursor: cursor.position is not None)
        if not any(cursor is not None and cursor.cut for cursor in cursors):
            new = _commits_after(job, cursor, horizon)
            if new is not None:
                return Chain(new.links, horizon, after=cursor, log=new.log)
    return whole_chain(job.git_dir, job.tip, horizon)


def _commits_after(job: Job, cursor: Cursor, horizon: Horizon) -> NewCommits | None:
    """Return the commits after a cursor.

    Returns:
        The commits, or None if the cursor's commit is no longer on the branch or the landing times
            of earlier commits may have changed.
    """
    if cursor.recheck_on is not None and (
        horizon.latest is None or cursor.recheck_on <= horizon.latest
    ):
        return None
    if cursor.commit == job.tip:
        return NewCommits(Links([], [], cursor.commit))
    new = read_new_commits(job.git_dir, job.tip, cursor.commit)
    if new is None:
        try:
            new = NewCommits(read_chain(job.git_dir, job.tip, after=cursor.commit))
        except GitError:
            # The cursor's commit may no longer exist. Any other error occurs again when the whole
            # chain is read.
            return None
    links = new.links
    latest = horizon.latest_time
    times = [cursor.landed_at, *links.committed_at]
    trusted = in_order(times) and (latest is None or times[-1] <= latest)
    return new if links.parent == cursor.commit and trusted else None


def start_of(day: date) -> int:
    """Return the first second of `day`, in seconds since 1970 UTC."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def _day(at: int) -> date:
    """Return the UTC day of a time in seconds since 1970 UTC."""
    return day_of(at, date.max)
