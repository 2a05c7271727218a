"""The commits that a walk goes along, with their landing times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from headway.git.history import Link, in_force_before, landing_times, read_chain


@dataclass(frozen=True, slots=True)
class Chain:
    """The commits to walk, oldest first; `times` are their landing times.

    whole: whether it begins at the first commit. known: index of every commit, and -1 for the
    commit that the chain follows.
    """

    links: Sequence[Link]
    times: Sequence[int]
    whole: bool
    known: Mapping[str, int]

    def in_force_at_start_of(self, day: date) -> int | None:
        """Index of the last commit that landed before a day, or None."""
        midnight = datetime.combine(day, time(), UTC)
        return in_force_before(self.times, int(midnight.timestamp()))


def whole_chain(git_dir: Path, tip: str) -> Chain:
    """The chain from its first commit."""
    links = read_chain(git_dir, tip)
    known = {link.commit: index for index, link in enumerate(links)}
    return Chain(links, landing_times(links), True, known)
