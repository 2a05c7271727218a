"""Versions of one file: what was found in one of them, carried over to the next that is read.

Versions of a file come one after the other, and a commit changes few of its lines. Rules that look
at each line alone are asked for the lines that differ; for all others the answer is known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from headway.progress.tracker import Spot
from headway.scan.line_diff import Difference, differences
from headway.scan.matching import Hits, Matcher, is_utf8

_STRIDE, _SHORTEST_STRIDE = 1 << 13, 1 << 8
_FEW_LINES = 4
"""Bytes in which line ends are counted at a time, and lines that are faster gone one by one."""


class _Held(NamedTuple):
    """What one rule finds in a version. offsets: where the lines of the spots begin, in bytes."""

    offsets: Sequence[int]
    spots: tuple[Spot, ...]


_NOTHING = _Held((), ())


class _Version(NamedTuple):
    """The version that was read last; `content` is valid UTF-8. held: by the rule's index."""

    path: str
    mask: int
    content: bytes
    held: dict[int, _Held]


class Versions:
    """Asks the rules of `matcher` that do not look at the path."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._last: _Version | None = None

    def find(self, path: str, mask: int, content: bytes) -> Hits:
        """As `Matcher.find`. path: where this version lies; versions of one path come together."""
        by_line = mask & self._matcher.by_line
        hits = self._find_by_line(path, by_line, content) if by_line else ()
        rest = mask & ~by_line
        return hits + self._matcher.find(rest, "", content) if rest else hits

    def _find_by_line(self, path: str, mask: int, content: bytes) -> Hits:
        last, self._last = self._last, None
        if last is not None and last.path == path and last.mask == mask:
            parts = differences(last.content, content)
            changed = b"".join([content[part.new_start : part.new_end] for part in parts])
            # the rest is valid, and lines are cut between characters
            if not is_utf8(changed):
                return self._matcher.find(mask, "", content)
            hits = self._matcher.find(mask, "", changed) if changed else ()
            held = _carried(last, content, parts, _located(hits, changed))
        elif is_utf8(content):
            held = _located(self._matcher.find(mask, "", content), content)
        else:
            # what else is in it may decide how each of its lines is read
            return self._matcher.find(mask, "", content)
        self._last = _Version(path, mask, content, held)
        return tuple((index, held[index].spots) for index in sorted(held)) if held else ()


class _Piece(NamedTuple):
    """A run of whole lines that goes into the new version: from the old one, or from the lines
    that were searched. start, end: its bytes there. bytes, lines: by how much further it lies in
    the new version.
    """

    fresh: bool
    start: int
    end: int
    bytes: int
    lines: int


def _carried(
    last: _Version, content: bytes, parts: Sequence[Difference], fresh: dict[int, _Held]
) -> dict[int, _Held]:
    """What is held in `content`: fresh where it differs, as it was elsewhere."""
    if not last.held and not fresh:
        return {}
    pieces = list(_pieces(last.content, content, parts))
    held = {}
    for index in last.held.keys() | fresh.keys():
        sources = last.held.get(index, _NOTHING), fresh.get(index, _NOTHING)
        offsets: list[int] = []
        spots: list[Spot] = []
        for piece in pieces:
            source = sources[piece.fresh]
            begin = bisect_left(source.offsets, piece.start)
            end = bisect_left(source.offsets, piece.end, begin)
            if begin < end:
                offsets += [offset + piece.bytes for offset in source.offsets[begin:end]]
                spots += _moved(source.spots[begin:end], piece.lines)
        if offsets:
            held[index] = _Held(offsets, tuple(spots))
    return held


def _pieces(old: bytes, new: bytes, parts: Sequence[Difference]) -> Iterator[_Piece]:
    """How the new version is put together, in its order."""
    same_from = searched = searched_lines = lines = line = counted = 0
    shift = 0
    for old_start, old_end, new_start, new_end in parts:
        yield _Piece(False, same_from, old_start, shift, lines)
        length = new_end - new_start
        if length:
            line += new.count(b"\n", counted, new_start)
            counted = new_start
            yield _Piece(
                True, searched, searched + length, new_start - searched, line - searched_lines
            )
        came = new.count(b"\n", new_start, new_end)
        searched, searched_lines = searched + length, searched_lines + came
        lines += came - old.count(b"\n", old_start, old_end)
        same_from, shift = old_end, new_end - old_end
    # an offset may be that of an empty last line
    yield _Piece(False, same_from, len(old) + 1, shift, lines)


def _located(hits: Hits, content: bytes) -> dict[int, _Held]:
    """The hits of a content with the offsets of their lines."""
    if not hits:
        return {}
    offsets = {}
    line, offset = 1, 0
    for wanted in sorted({_line(spot) for _, spots in hits for spot in spots}):
        offset = _lines_on(content, offset, wanted - line)
        line = wanted
        offsets[wanted] = offset
    return {index: _Held([offsets[_line(spot)] for spot in spots], spots) for index, spots in hits}


def _lines_on(content: bytes, offset: int, lines: int) -> int:
    """Where the line begins that comes so many lines behind the one that begins at `offset`."""
    step = _STRIDE
    while lines > _FEW_LINES and step >= _SHORTEST_STRIDE:
        passed = content.count(b"\n", offset, offset + step)
        if passed < lines:
            offset, lines = offset + step, lines - passed
        else:
            step >>= 2
    for _ in range(lines):
        offset = content.index(b"\n", offset) + 1
    return offset


def _moved(spots: tuple[Spot, ...], lines: int) -> Sequence[Spot]:
    if not lines:
        return spots
    return [
        Spot(text, (line or 0) + lines, column, excerpt, captures)
        for text, line, column, excerpt, captures in spots
    ]


def _line(spot: Spot) -> int:
    assert spot.line is not None
    return spot.line
