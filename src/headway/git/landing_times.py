"""Derive the landing times of commits from their committer times, which can be wrong."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import islice
from operator import le


def trusted_commits(committed_at: Sequence[int], latest: int | None = None) -> list[int]:
    """Return the indices of the commits with trusted committer times.

    The commits form a longest subsequence with times that never decrease. If there are several such
    subsequences, the one whose last commit comes latest in the chain is chosen. If they end with
    the same commit, the commit before it decides, and so on.

    Args:
        committed_at: Committer times, oldest commit first.
        latest: The latest plausible committer time, or None if any time is plausible.
    """
    lowest_ends: list[int] = []
    """lowest_ends[n] is the lowest final time of all non-decreasing sequences of n + 1 commits so
    far.
    """
    lengths = []
    for time in committed_at:
        if latest is not None and time > latest:
            lengths.append(0)
            continue
        length = bisect_right(lowest_ends, time)
        lowest_ends[length : length + 1] = [time]
        lengths.append(length + 1)
    trusted: list[int] = []
    wanted = len(lowest_ends)
    for index in range(len(committed_at) - 1, -1, -1):
        fits = not trusted or committed_at[index] <= committed_at[trusted[-1]]
        if wanted and lengths[index] == wanted and fits:
            trusted.append(index)
            wanted -= 1
    return trusted[::-1]


def landing_times(committed_at: Sequence[int], latest: int | None = None) -> list[int]:
    """Return the landing time of each commit of a chain. The times never decrease.

    A commit with a trusted committer time lands at this time. Every other commit lands at the time
    of the trusted commit before it. Commits before the first trusted commit land together with it.
    If no committer time is plausible, all commits land at `latest`.

    Args:
        committed_at: Committer times, oldest commit first.
        latest: The latest plausible committer time, or None if any time is plausible.
    """
    if in_order(committed_at) and (
        latest is None or not committed_at or committed_at[-1] <= latest
    ):
        return list(committed_at)
    trusted = trusted_commits(committed_at, latest)
    if not trusted:
        assert latest is not None
        return [latest] * len(committed_at)
    times = [committed_at[trusted[0]]] * trusted[0]
    for index, following in zip(trusted, [*trusted[1:], len(committed_at)], strict=True):
        times += [committed_at[index]] * (following - index)
    return times


def in_order(times: Sequence[int]) -> bool:
    """Return whether the times never decrease."""
    return all(map(le, times, islice(times, 1, None)))


def in_force_before(times: Sequence[int], moment: int) -> int | None:
    """Return the index of the last commit that landed before `moment`, or None if none did."""
    count = bisect_left(times, moment)
    return count - 1 if count else None
