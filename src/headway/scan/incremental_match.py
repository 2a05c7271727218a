"""Match successive versions of a file, and reuse the matches in unchanged lines.

Most commits change only a few lines of a file. Rules that match one line at a time therefore search
only the changed lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from headway.progress.opening import Spot
from headway.scan.line_diff import Difference, differences
from headway.scan.matching import Hits, Matcher, RuleSet, is_utf8

_STRIDE, _SHORTEST_STRIDE = 1 << 13, 1 << 8
"""The initial and the smallest number of bytes in which newlines are counted at a time."""
_FEW_LINES = 4
"""The maximum number of lines for which finding newlines one by one is faster than counting them.
"""


class _Held(NamedTuple):
    """The matches of one rule in one version of a file."""

    offsets: Sequence[int]
    """The byte offset of the line of each match."""
    spots: tuple[Spot, ...]


_NOTHING = _Held((), ())


class _Version(NamedTuple):
    """The last matched version of a file."""

    path: str
    rules: RuleSet
    content: bytes
    """The content of the file, which is valid UTF-8."""
    held: dict[int, _Held]
    """The matches by rule index."""


class IncrementalMatch:
    """Matches rules that do not depend on the path against successive versions of a file."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._last: _Version | None = None

    def find(self, path: str, rules: RuleSet, content: bytes) -> Hits:
        """Return the same matches as `Matcher.find`, and record the same errors.

        Args:
            path: The path of the file. The versions of a path must be passed consecutively.
            rules: The rules to match.
            content: The content of this version.
        """
        by_line = rules & self._matcher.by_line
        hits = self._find_by_line(path, by_line, content) if by_line else ()
        rest = rules & ~by_line
        return hits + self._matcher.find(rest, "", content) if rest else hits

    def _find_by_line(self, path: str, rules: RuleSet, content: bytes) -> Hits:
        last, self._last = self._last, None
        if last is not None and last.path == path and last.rules == rules:
            parts = differences(last.content, content)
            changed = b"".join([content[part.new_start : part.new_end] for part in parts])
            # The unchanged lines are valid UTF-8, and no character spans two lines.
            if not is_utf8(changed):
                return self._matcher.find(rules, "", content)
            hits = self._matcher.find(rules, "", changed) if changed else ()
            if self._matcher.has_errors:
                # Match the whole version, so that the rules that do not fail find all matches.
                self._matcher.take_errors()
                return self._matcher.find(rules, "", content)
            held = _carried(last, content, parts, _located(hits, changed))
        elif is_utf8(content):
            hits = self._matcher.find(rules, "", content)
            if self._matcher.has_errors:
                return hits
            held = _located(hits, content)
        else:
            # In a file that is not valid UTF-8, the decoding of a line can depend on other lines.
            return self._matcher.find(rules, "", content)
        self._last = _Version(path, rules, content, held)
        return tuple((index, held[index].spots) for index in sorted(held)) if held else ()


def _carried(
    last: _Version, content: bytes, parts: Sequence[Difference], fresh: dict[int, _Held]
) -> dict[int, _Held]:
    """Merge the matches in the changed lines with the matches in the unchanged lines."""
    if not fresh:
        if not last.held:
            return {}
        pieces = list(_unchanged_pieces(last.content, content, parts))
        found = ((index, _moved_matches(old, pieces)) for index, old in last.held.items())
        return {index: matches for index, matches in found if matches.spots}
    pieces = list(_unchanged_pieces(last.content, content, parts))
    searched = list(_searched_pieces(content, parts))
    merged = {}
    for index in last.held.keys() | fresh.keys():
        old = _moved_matches(last.held.get(index, _NOTHING), pieces)
        new = _moved_matches(fresh.get(index, _NOTHING), searched)
        if old.spots or new.spots:
            merged[index] = _merged(old, new)
    return merged


_Piece = tuple[int, int, int, int]
"""Consecutive whole lines of the new version that come from a source: either the old version or the
searched lines.

The four numbers are the start offset in the source, the exclusive end offset in the source, and the
differences between the offsets and between the line numbers of the new version and the source.
"""


def _unchanged_pieces(old: bytes, new: bytes, parts: Sequence[Difference]) -> Iterator[_Piece]:
    """Yield the pieces that come from the old version, in order."""
    begin = shift = lines = 0
    for old_start, old_end, new_start, new_end in parts:
        yield begin, old_start, shift, lines
        lines += new.count(b"\n", new_start, new_end) - old.count(b"\n", old_start, old_end)
        begin, shift = old_end, new_end - old_end
    # The end is exclusive, and an empty last line begins at len(old).
    yield begin, len(old) + 1, shift, lines


def _searched_pieces(new: bytes, parts: Sequence[Difference]) -> Iterator[_Piece]:
    """Yield the pieces that come from the searched lines, in order."""
    searched = searched_lines = line = counted = 0
    for _, _, new_start, new_end in parts:
        if new_start < new_end:
            line += new.count(b"\n", counted, new_start)
            counted = new_start
            end = searched + new_end - new_start
            yield searched, end, new_start - searched, line - searched_lines
            searched, searched_lines = end, searched_lines + new.count(b"\n", new_start, new_end)


def _moved_matches(source: _Held, pieces: Sequence[_Piece]) -> _Held:
    """Return the matches in the pieces of a source, with their positions in the new version."""
    offsets: list[int] = []
    spots: list[Spot] = []
    end = 0
    for first, after, shift, lines in pieces:
        if end == len(source.offsets):
            break
        begin = bisect_left(source.offsets, first, end)
        end = bisect_left(source.offsets, after, begin)
        if begin < end:
            if begin == 0 and end == len(source.offsets) and not shift and not lines:
                return source
            offsets += [offset + shift for offset in source.offsets[begin:end]]
            spots += _moved(source.spots[begin:end], lines)
    return _Held(offsets, tuple(spots))


def _merged(one: _Held, other: _Held) -> _Held:
    """Merge two sequences of matches in different lines, in order of position."""
    if not one.spots or not other.spots:
        return one if one.spots else other
    matches = sorted(
        zip((*one.offsets, *other.offsets), (*one.spots, *other.spots), strict=True),
        key=itemgetter(0),
    )
    return _Held([offset for offset, _ in matches], tuple(spot for _, spot in matches))


def _located(hits: Hits, content: bytes) -> dict[int, _Held]:
    """Return the matches by rule index, with the byte offsets of their lines."""
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
    """Return the offset of the line that is `lines` lines after the line at `offset`."""
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
        Spot(text, (line or 0) + lines, column, excerpt, captures, exact)
        for text, line, column, excerpt, captures, exact in spots
    ]


def _line(spot: Spot) -> int:
    assert spot.line is not None
    return spot.line
