"""Find the hunks in which two versions of a file differ: runs of lines that were replaced.

The result depends only on the two versions. To limit the cost, two long runs become a single hunk
if they share no line that occurs exactly once in each.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress, count
from operator import ne
from typing import NamedTuple

_COMPARISONS = 40_000
"""Two runs are compared line by line only if the product of their lengths is at most this."""


class Hunk(NamedTuple):
    """A run of old lines and the run of new lines that replaced it. Either may be empty.

    Line numbers start at 0, and ends are exclusive.
    """

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def hunks(old: Sequence[bytes], new: Sequence[bytes]) -> list[Hunk]:
    """Return the hunks between two versions, in order. Lines outside hunks are unchanged."""
    return _joined(_differences(old, new, Hunk(0, len(old), 0, len(new))))


def _joined(parts: Iterator[Hunk]) -> list[Hunk]:
    """Join hunks that have no line between them."""
    found: list[Hunk] = []
    for part in parts:
        if found and found[-1].old_end == part.old_start and found[-1].new_end == part.new_start:
            last = found.pop()
            found.append(Hunk(last.old_start, part.old_end, last.new_start, part.new_end))
        else:
            found.append(part)
    return found


def _differences(old: Sequence[bytes], new: Sequence[bytes], whole: Hunk) -> Iterator[Hunk]:
    waiting = [whole]
    while waiting:
        part = _trimmed(old, new, waiting.pop())
        old_lines, new_lines = part.old_end - part.old_start, part.new_end - part.new_start
        if not old_lines or not new_lines:
            if old_lines or new_lines:
                yield part
            continue
        common = _unique_lines(old, new, part)
        if not common and old_lines * new_lines <= _COMPARISONS:
            common = _longest_common_run(old, new, part)
        if common:
            waiting += reversed(list(_between(part, common)))
        else:
            yield part


def _trimmed(old: Sequence[bytes], new: Sequence[bytes], part: Hunk) -> Hunk:
    """Remove lines from both ends of a part that are equal on both sides."""
    old_start, old_end, new_start, new_end = part
    equal = _equal_lines(old[old_start:old_end], new[new_start:new_end])
    old_start, new_start = old_start + equal, new_start + equal
    equal = _equal_lines(old[old_start:old_end][::-1], new[new_start:new_end][::-1])
    old_end, new_end = old_end - equal, new_end - equal
    return Hunk(old_start, old_end, new_start, new_end)


def _equal_lines(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    """Return how many lines at the beginning of both sides are the same."""
    return next(compress(count(), map(ne, old, new)), min(len(old), len(new)))


def _between(part: Hunk, common: Sequence[tuple[int, int]]) -> Iterator[Hunk]:
    """Split a part into the parts before, between and after the common lines."""
    old_at, new_at = part.old_start, part.new_start
    for old_line, new_line in common:
        # Most common lines are adjacent.
        if old_at < old_line or new_at < new_line:
            yield Hunk(old_at, old_line, new_at, new_line)
        old_at, new_at = old_line + 1, new_line + 1
    yield Hunk(old_at, part.old_end, new_at, part.new_end)


def _unique_lines(old: Sequence[bytes], new: Sequence[bytes], part: Hunk) -> list[tuple[int, int]]:
    """Pair equal lines that occur once on each side, as many as possible without crossing."""
    old_counts = Counter(old[part.old_start : part.old_end])
    new_counts = Counter(new[part.new_start : part.new_end])
    place = {
        line: number
        for number, line in enumerate(new[part.new_start : part.new_end], part.new_start)
        if new_counts[line] == 1
    }
    pairs = [
        (number, place[line])
        for number, line in enumerate(old[part.old_start : part.old_end], part.old_start)
        if old_counts[line] == 1 and line in place
    ]
    return _longest_increasing(pairs)


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest subsequence of pairs in which both numbers increase from pair to pair.

    The first numbers must already be in increasing order.
    """
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, (_, number) in enumerate(pairs):
        length = bisect_left(ends, number)
        before.append(last[length - 1] if length else None)
        ends[length : length + 1] = [number]
        last[length : length + 1] = [index]
    found = []
    at = last[-1] if last else None
    while at is not None:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _longest_common_run(
    old: Sequence[bytes], new: Sequence[bytes], part: Hunk
) -> list[tuple[int, int]]:
    """Return a longest common subsequence, found by dynamic programming.

    The result pairs old line numbers with new ones.
    """
    old_lines = old[part.old_start : part.old_end]
    new_lines = new[part.new_start : part.new_end]
    if not set(old_lines).intersection(new_lines):
        return []
    lengths = [[0] * (len(new_lines) + 1) for _ in range(len(old_lines) + 1)]
    for row in range(len(old_lines) - 1, -1, -1):
        line, current, below = old_lines[row], lengths[row], lengths[row + 1]
        for column in range(len(new_lines) - 1, -1, -1):
            if line == new_lines[column]:
                current[column] = below[column + 1] + 1
            else:
                current[column] = max(below[column], current[column + 1])
    found = []
    row = column = 0
    while row < len(old_lines) and column < len(new_lines):
        if old_lines[row] == new_lines[column]:
            found.append((part.old_start + row, part.new_start + column))
            row, column = row + 1, column + 1
        elif lengths[row + 1][column] >= lengths[row][column + 1]:
            row += 1
        else:
            column += 1
    return found


class HunkIndex:
    """Finds the hunk that contains a line."""

    def __init__(self, found: Sequence[Hunk]) -> None:
        self._old_starts = [hunk.old_start for hunk in found]
        self._new_starts = [hunk.new_start for hunk in found]
        self._hunks = found

    def of_old(self, line: int) -> int | None:
        """Return the number of the hunk that replaced an old line; None for an unchanged line."""
        number = bisect_right(self._old_starts, line) - 1
        # Skip hunks that only add lines before this line, because they contain no old line.
        while number >= 0 and self._old_starts[number] == self._hunks[number].old_end == line:
            number -= 1
        return number if number >= 0 and line < self._hunks[number].old_end else None

    def of_new(self, line: int) -> int | None:
        """Return the number of the hunk that contains a new line; None for an unchanged line."""
        number = bisect_right(self._new_starts, line) - 1
        while number >= 0 and self._new_starts[number] == self._hunks[number].new_end == line:
            number -= 1
        return number if number >= 0 and line < self._hunks[number].new_end else None

    def unchanged(self, line: int | None) -> int | None:
        """Return the new line number of an unchanged old line. Line numbers start at 1.

        The result is None if a hunk replaced the line.
        """
        if line is None or self.of_old(line - 1) is not None:
            return None
        number = bisect_right(self._old_starts, line - 1) - 1
        if number < 0:
            return line
        hunk = self._hunks[number]
        return line - hunk.old_end + hunk.new_end
