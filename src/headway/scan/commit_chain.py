"""The commits that a walk goes along, with their landing times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path

from headway.git.history import Links, in_force_before, landing_times, read_chain


class Chain:
    """The commits to walk, oldest first, with their landing times.

    whole: whether it begins at the first commit; else it follows `parent`.
    """

    def __init__(self, links: Links, *, whole: bool, landed_at: int | None = None) -> None:
        """landed_at: landing time of the commit that the chain follows."""
        self.commits: Sequence[str] = links.commits
        self.times: Sequence[int] = landing_times(links.committed_at, landed_at)
        self.parent = links.parent
        self.whole = whole

    @cached_property
    def known(self) -> Mapping[str, int]:
        """Index of every commit, and -1 for the one that the chain follows."""
        known = {commit: index for index, commit in enumerate(self.commits)}
        if self.parent is not None:
            known[self.parent] = -1
        return known

    def in_force_at_start_of(self, day: date) -> int | None:
        """Index of the last commit that landed before a day, or None."""
        midnight = datetime.combine(day, time(), UTC)
        return in_force_before(self.times, int(midnight.timestamp()))


def whole_chain(git_dir: Path, tip: str) -> Chain:
    """The chain from its first commit."""
    return Chain(read_chain(git_dir, tip), whole=True)
