"""The lines in which two versions of a file differ, found by comparing memory, not lines.

What counts is that nothing is missed and that finding it costs less than searching the rest: the
parts may hold lines that are the same after all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_COARSE, _FINE = 1 << 14, 1 << 8
"""Bytes compared at a time, at first and at last: finer, and comparing costs more than searching
the few lines that are the same."""

_WORTH_SPLITTING = 1 << 11
_DEPTH = 3
_LINES_TRIED = 6
_SHORTEST_ANCHOR = 8


class Difference(NamedTuple):
    """`old[old_start:old_end]` has become `new[new_start:new_end]`; both are whole lines, but for
    a last line without an end.
    """

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def differences(old: bytes, new: bytes) -> list[Difference]:
    """All that differs, in order; what lies between two of them is the same in both."""
    whole = Difference(0, len(old), 0, len(new))
    return list(_split(old, new, _trimmed(old, new, whole), _DEPTH))


def _split(old: bytes, new: bytes, part: Difference, depth: int) -> Iterator[Difference]:
    """The part in smaller ones, around lines in its midst that are the same."""
    old_start, old_end, new_start, new_end = part
    if old_start == old_end and new_start == new_end:
        return
    if depth and min(old_end - old_start, new_end - new_start) >= _WORTH_SPLITTING:
        anchor = _anchor(old, new, part)
        if anchor is not None:
            before = Difference(old_start, anchor.old_start, new_start, anchor.new_start)
            behind = Difference(anchor.old_end, old_end, anchor.new_end, new_end)
            yield from _split(old, new, _trimmed(old, new, before), depth - 1)
            yield from _split(old, new, _trimmed(old, new, behind), depth - 1)
            return
    yield part


def _anchor(old: bytes, new: bytes, part: Difference) -> Difference | None:
    """A line about the middle of the old part that is in the new one too."""
    old_start, old_end, new_start, new_end = part
    begin = old.rfind(b"\n", old_start, (old_start + old_end) // 2) + 1 or old_start
    lines = []
    for _ in range(_LINES_TRIED):
        end = old.find(b"\n", begin, old_end) + 1
        if not end:
            break
        lines.append((end - begin, begin, end))
        begin = end
    # a long line is rarely there twice
    for length, begin, end in sorted(lines, reverse=True):
        if length < _SHORTEST_ANCHOR:
            break
        found = new.find(old[begin:end], new_start, new_end)
        if found >= 0 and (found == new_start or new[found - 1] == 0x0A):
            return Difference(begin, end, found, found + length)
    return None


def _trimmed(old: bytes, new: bytes, part: Difference) -> Difference:
    """Without what is the same at its beginning and at its end."""
    old_start, old_end, new_start, new_end = part
    room = min(old_end - old_start, new_end - new_start)
    same = 0
    step = _COARSE
    while step >= _FINE:
        while same + step <= room and new.startswith(
            old[old_start + same : old_start + same + step], new_start + same
        ):
            same += step
        step >>= 2
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
        # the line that the tail begins in may begin differently
        line_end = old.find(b"\n", old_end - tail, old_end)
        tail = old_end - line_end - 1 if line_end >= 0 else 0
    return Difference(old_start, old_end - tail, new_start, new_end - tail)
