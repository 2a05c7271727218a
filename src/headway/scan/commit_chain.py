"""The first-parent commits that a walk follows, with their landing times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path

from headway.git.history import Links, in_force_before, landing_times, read_chain
from headway.git.process import GitError
from headway.progress.tracker import Landing
from headway.scan.job import Job
from headway.store.row_codec import day_of


class Chain:
    """A run of first-parent commits that ends at the tip, oldest first.

    A commit is named by its index. -1 stands for `parent`, the commit before the first one.
    """

    def __init__(self, links: Links, *, whole: bool, parent_landed_at: int = 0) -> None:
        """Makes a chain from what git lists.

        Args:
            links: The commits.
            whole: Whether the chain begins with the first commit of the history.
            parent_landed_at: Landing time of the parent, in seconds since 1970 UTC. Unused for a
                whole chain.
        """
        self.commits: Sequence[str] = links.commits
        self.parent = links.parent
        self.whole = whole
        self.times: Sequence[int] = landing_times(
            links.committed_at, None if whole else parent_landed_at
        )
        self._parent_landed_at = parent_landed_at

    @cached_property
    def index_of(self) -> Mapping[str, int]:
        """The index of every commit, and -1 for the parent."""
        indices = {commit: index for index, commit in enumerate(self.commits)}
        if self.parent is not None:
            indices[self.parent] = -1
        return indices

    @property
    def tip_landed_at(self) -> int:
        """Landing time of the tip, in seconds since 1970 UTC; that of the parent if empty."""
        return self.times[-1] if self.times else self._parent_landed_at

    def commit_at(self, index: int) -> str | None:
        """The commit with this index; None for the parent of the first commit of the history."""
        return self.commits[index] if index >= 0 else self.parent

    def landing(self, index: int, today: date, author: str = "") -> Landing:
        """When and where the commit with this index landed, as a scan of `today` counts it."""
        commit = self.commit_at(index)
        assert commit is not None
        landed_at = self.times[index] if index >= 0 else self._parent_landed_at
        return Landing(commit, landed_at, day_of(landed_at, today), author)

    def first_day(self, today: date) -> date | None:
        """The day of the first commit of the history; None if this chain begins later."""
        return day_of(self.times[0], today) if self.whole and self.times else None

    def in_force_at_start_of(self, day: date) -> int | None:
        """The index of the last commit that landed before a day, or None."""
        midnight = datetime.combine(day, time(), UTC)
        return in_force_before(self.times, int(midnight.timestamp()))


def whole_chain(git_dir: Path, tip: str) -> Chain:
    """The chain from the first commit of the history to `tip`."""
    return Chain(read_chain(git_dir, tip), whole=True)


def chain_for(job: Job) -> Chain:
    """The new commits if all tracks continue from the same commit, otherwise the whole chain."""
    cursors = {track.cursor for track in job.tracks}
    ends = {(cursor.commit, cursor.landed_at) for cursor in cursors if cursor is not None}
    if None not in cursors and len(ends) == 1:
        ((commit, landed_at),) = ends
        links = _links_after(job, commit)
        if links is not None:
            return Chain(links, whole=False, parent_landed_at=landed_at)
    return whole_chain(job.git_dir, job.tip)


def _links_after(job: Job, commit: str) -> Links | None:
    """The commits after `commit`; None if it is no longer on the branch."""
    if commit == job.tip:
        return Links([], [], commit)
    try:
        links = read_chain(job.git_dir, job.tip, after=commit)
    except GitError:
        # the commit may no longer exist; any other failure shows when the whole chain is read
        return None
    return links if links.parent == commit else None
