"""Find the differing lines of two versions of a file by comparing blocks of memory.

The result includes every difference, but can also contain unchanged lines. Excluding all of these
lines would take longer than searching them.
"""

from __future__ import annotations

from typing import NamedTuple

_COARSE, _FINE = 1 << 15, 1 << 9
"""The initial and the smallest size of the compared blocks, in bytes. With even smaller blocks,
comparing would take longer than searching the remaining unchanged lines.
"""

_WORTH_SPLITTING = 1 << 14
"""The minimum number of bytes in a part that is split. In a smaller part, splitting would take
longer than searching the unchanged lines.
"""
_DEPTH = 4
"""The maximum number of nested splits (the recursion depth)."""
_LINES_TRIED = 6
"""The number of lines near the middle of a part that are tried as an anchor. An anchor is an
unchanged line at which the part is split.
"""
_SHORTEST_ANCHOR = 8
"""The minimum length of an anchor, in bytes."""


class Difference(NamedTuple):
    """`old[old_start:old_end]` was replaced by `new[new_start:new_end]`.

    Both slices consist of whole lines. Only the last line of a file may lack a line ending.
    """

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def differences(old: bytes, new: bytes) -> list[Difference]:
    """Return the differences in order. All bytes between them are the same in both versions."""
    found: list[Difference] = []
    _split(old, new, _trimmed(old, new, 0, len(old), 0, len(new)), _DEPTH, found)
    return found


def _split(old: bytes, new: bytes, part: Difference, depth: int, found: list[Difference]) -> None:
    """Split a part at unchanged lines near its middle, and append the smaller parts to `found`."""
    old_start, old_end, new_start, new_end = part
    if old_start == old_end and new_start == new_end:
        return
    if depth and min(old_end - old_start, new_end - new_start) >= _WORTH_SPLITTING:
        anchor = _anchor(old, new, part)
        if anchor is not None:
            before = _trimmed(old, new, old_start, anchor.old_start, new_start, anchor.new_start)
            _split(old, new, before, depth - 1, found)
            after = _trimmed(old, new, anchor.old_end, old_end, anchor.new_end, new_end)
            _split(old, new, after, depth - 1, found)
            return
    found.append(part)


def _anchor(old: bytes, new: bytes, part: Difference) -> Difference | None:
    """Return a line near the middle of the old part that also occurs in the new part, or None."""
    old_start, old_end, new_start, new_end = part
    begin = old.rfind(b"\n", old_start, (old_start + old_end) // 2) + 1 or old_start
    lines = []
    for _ in range(_LINES_TRIED):
        end = old.find(b"\n", begin, old_end) + 1
        if not end:
            break
        lines.append((end - begin, begin, end))
        begin = end
    # Try long lines first, because they rarely occur twice.
    for length, begin, end in sorted(lines, reverse=True):
        if length < _SHORTEST_ANCHOR:
            break
        found = new.find(old[begin:end], new_start, new_end)
        if found >= 0 and (found == new_start or new[found - 1] == 0x0A):
            return Difference(begin, end, found, found + length)
    return None


def _trimmed(
    old: bytes, new: bytes, old_start: int, old_end: int, new_start: int, new_end: int
) -> Difference:
    """Return a part without the unchanged lines at its beginning and end."""
    room = min(old_end - old_start, new_end - new_start)
    if room < _FINE:
        return Difference(old_start, old_end, new_start, new_end)
    same = 0
    step = _COARSE
    while step >= _FINE:
        while same + step <= room and new.startswith(
            old[old_start + same : old_start + same + step], new_start + same
        ):
            same += step
        step >>= 2
    if same:
        same = max(0, old.rfind(b"\n", old_start, old_start + same) + 1 - old_start)
        old_start, new_start, room = old_start + same, new_start + same, room - same
    tail = 0
    step = _COARSE
    while step >= _FINE:
        while tail + step <= room and new.endswith(
            old[old_end - tail - step : old_end - tail], new_start, new_end - tail
        ):
            tail += step
        step >>= 2
    if tail:
        # The unchanged tail can begin inside a line whose beginning differs.
        line_end = old.find(b"\n", old_end - tail, old_end)
        tail = old_end - line_end - 1 if line_end >= 0 else 0
    return Difference(old_start, old_end - tail, new_start, new_end - tail)
