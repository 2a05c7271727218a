"""Versions of one file: what was found in one of them, carried over to the next that is read.

Versions of a file come one after the other, and a commit changes few of its lines. Rules that look
at each line alone are asked for the lines that differ; for all others the answer is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from headway.progress.tracker import Spot
from headway.scan.matching import Hits, Matcher

_STEP = 1 << 13


class _Version(NamedTuple):
    """The version that was read last; `content` is valid UTF-8."""

    path: str
    mask: int
    content: bytes
    hits: Hits


class _Difference(NamedTuple):
    """Where two contents differ, in whole lines: both are the same before `start`, and behind
    `old_end` and `new_end`.
    """

    start: int
    old_end: int
    new_end: int


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
        if not _is_utf8(content):
            # what else is in it may decide how each of its lines is read
            return self._matcher.find(mask, "", content)
        if last is not None and last.path == path and last.mask == mask:
            hits = self._carry_over(last, content)
        else:
            hits = self._matcher.find(mask, "", content)
        self._last = _Version(path, mask, content, hits)
        return hits

    def _carry_over(self, last: _Version, content: bytes) -> Hits:
        start, old_end, new_end = difference(last.content, content)
        changed = content[start:new_end]
        fresh = self._matcher.find(last.mask, "", changed) if changed else ()
        if not fresh and not last.hits:
            return ()
        before = content.count(b"\n", 0, start)
        old_lines = last.content.count(b"\n", start, old_end)
        shift = changed.count(b"\n") - old_lines
        found: dict[int, list[Spot]] = {}
        known: Mapping[int, tuple[Spot, ...]] = dict(last.hits)
        for index, spots in known.items():
            found[index] = [spot for spot in spots if _line(spot) <= before]
        for index, spots in fresh:
            found.setdefault(index, []).extend(_moved(spots, before))
        if old_end < len(last.content):
            behind = before + old_lines
            for index, spots in known.items():
                found[index] += _moved((spot for spot in spots if _line(spot) > behind), shift)
        return tuple((index, tuple(found[index])) for index in sorted(found) if found[index])


def difference(old: bytes, new: bytes) -> _Difference:
    """The lines that differ; a line that one of them only begins with is different."""
    shorter = min(len(old), len(new))
    start = 0
    step = _STEP
    while step:
        while start + step <= shorter and new.startswith(old[start : start + step], start):
            start += step
        step >>= 1
    start = old.rfind(b"\n", 0, start) + 1
    tail = 0
    step = _STEP
    while step:
        while (
            tail + step <= shorter - start
            and old[len(old) - tail - step : len(old) - tail]
            == new[len(new) - tail - step : len(new) - tail]
        ):
            tail += step
        step >>= 1
    line_end = old.find(b"\n", len(old) - tail) if tail else -1
    tail = len(old) - line_end - 1 if line_end >= 0 else 0
    return _Difference(start, len(old) - tail, len(new) - tail)


def _moved(spots: Iterable[Spot], lines: int) -> Iterable[Spot]:
    if not lines:
        return spots
    return [spot._replace(line=_line(spot) + lines) for spot in spots]


def _line(spot: Spot) -> int:
    assert spot.line is not None
    return spot.line


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
