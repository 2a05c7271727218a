"""Find the hunks in which two versions of a file differ: runs of lines that were replaced.

The result depends only on the two versions. To limit the run time, two long runs become a single
hunk if they share no line that occurs exactly once in each.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress, count, islice
from operator import lt, ne
from typing import NamedTuple

_COMPARISONS = 40_000
"""The maximum product of the lengths of two runs that are compared line by line."""


class Hunk(NamedTuple):
    """A run of old lines and the run of new lines that replaced it. Either run can be empty.

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
    """Join adjacent hunks."""
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
        part = waiting.pop()
        if part.old_start < part.old_end and part.new_start < part.new_end:
            part = _trimmed(old, new, part)
        old_lines, new_lines = part.old_end - part.old_start, part.new_end - part.new_start
        if not old_lines or not new_lines:
            if old_lines or new_lines:
                yield part
            continue
        common = _unique_lines(old, new, part)
        if not common and old_lines * new_lines <= _COMPARISONS:
            common = _longest_common_run(old, new, part)
        if common:
            waiting += reversed(_between(old, new, part, common))
        else:
            yield part


def _trimmed(old: Sequence[bytes], new: Sequence[bytes], part: Hunk) -> Hunk:
    """Trim equal lines from both ends of a part.

    Both sides of the part must have at least one line.
    """
    old_start, old_end, new_start, new_end = part
    if old[old_start] == new[new_start]:
        equal = _equal_lines(old[old_start:old_end], new[new_start:new_end])
        old_start, new_start = old_start + equal, new_start + equal
        if old_start == old_end or new_start == new_end:
            return Hunk(old_start, old_end, new_start, new_end)
    if old[old_end - 1] == new[new_end - 1]:
        equal = _equal_lines(old[old_start:old_end][::-1], new[new_start:new_end][::-1])
        old_end, new_end = old_end - equal, new_end - equal
    return Hunk(old_start, old_end, new_start, new_end)


def _equal_lines(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    """Return the number of equal lines at the beginning of both sides."""
    return next(compress(count(), map(ne, old, new)), min(len(old), len(new)))


def _between(
    old: Sequence[bytes], new: Sequence[bytes], part: Hunk, common: Sequence[tuple[int, int]]
) -> list[Hunk]:
    """Return the parts before, between and after the common lines, except equal parts."""
    parts = []
    old_at, new_at = part.old_start, part.new_start
    for old_line, new_line in common:
        # Most common lines are adjacent, or have only equal lines between them.
        if (old_at < old_line or new_at < new_line) and (
            old_line - old_at != new_line - new_at or old[old_at:old_line] != new[new_at:new_line]
        ):
            parts.append(Hunk(old_at, old_line, new_at, new_line))
        old_at, new_at = old_line + 1, new_line + 1
    parts.append(Hunk(old_at, part.old_end, new_at, part.new_end))
    return parts


def _unique_lines(old: Sequence[bytes], new: Sequence[bytes], part: Hunk) -> list[tuple[int, int]]:
    """Pair as many lines as possible that occur once on each side, without crossing pairs."""
    old_places = _places_of_unique_lines(old[part.old_start : part.old_end], part.old_start)
    new_places = _places_of_unique_lines(new[part.new_start : part.new_end], part.new_start)
    pairs = [
        (number, new_places[line]) for line, number in old_places.items() if line in new_places
    ]
    return _longest_increasing(pairs)


def _places_of_unique_lines(lines: Sequence[bytes], first: int) -> dict[bytes, int]:
    """Map each line that occurs once to its number. `first` is the number of the first line."""
    places = dict(zip(lines, count(first), strict=False))
    if len(places) < len(lines):
        for line, times in Counter(lines).items():
            if times > 1:
                del places[line]
    return places


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest subsequence of pairs in which both numbers increase.

    The first numbers must already be in increasing order.
    """
    numbers = [number for _, number in pairs]
    if all(map(lt, numbers, islice(numbers, 1, None))):
        # Most edits do not change the order of lines.
        return list(pairs)
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, number in enumerate(numbers):
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

    The result pairs old line numbers with new line numbers.
    """
    new_lines = new[part.new_start : part.new_end]
    added = set(new_lines)
    # An old line without an equal new line cannot be part of a common subsequence.
    places = [place for place in range(part.old_start, part.old_end) if old[place] in added]
    if not places:
        return []
    lengths = [[0] * (len(new_lines) + 1) for _ in range(len(places) + 1)]
    for row in range(len(places) - 1, -1, -1):
        line, current, below = old[places[row]], lengths[row], lengths[row + 1]
        longest = 0
        for column in range(len(new_lines) - 1, -1, -1):
            if line == new_lines[column]:
                longest = below[column + 1] + 1
            elif below[column] > longest:
                longest = below[column]
            current[column] = longest
    found = []
    row = column = 0
    while row < len(places) and column < len(new_lines):
        if old[places[row]] == new_lines[column]:
            found.append((places[row], part.new_start + column))
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
        """Return the index of the hunk that replaced an old line, or None for an unchanged line."""
        number = bisect_right(self._old_starts, line) - 1
        # Skip hunks that only add lines before this line, because they contain no old lines.
        while number >= 0 and self._old_starts[number] == self._hunks[number].old_end == line:
            number -= 1
        return number if number >= 0 and line < self._hunks[number].old_end else None

    def of_new(self, line: int) -> int | None:
        """Return the index of the hunk that contains a new line, or None for an unchanged line."""
        number = bisect_right(self._new_starts, line) - 1
        while number >= 0 and self._new_starts[number] == self._hunks[number].new_end == line:
            number -= 1
        return number if number >= 0 and line < self._hunks[number].new_end else None

    def unchanged(self, line: int | None) -> int | None:
        """Return the new line number of an unchanged old line. Line numbers start at 1.

        The result is None if a hunk replaced the line or if `line` is None.
        """
        if line is None or self.of_old(line - 1) is not None:
            return None
        number = bisect_right(self._old_starts, line - 1) - 1
        if number < 0:
            return line
        hunk = self._hunks[number]
        return line - hunk.old_end + hunk.new_end
