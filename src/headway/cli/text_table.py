"""Rows of text to a table: columns as wide as they must be, long paths cut in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

_GAP = "  "
_NARROWEST = 12
_SENTENCE = 24


@dataclass(frozen=True, slots=True)
class Heading:
    """right: numbers, aligned at their right. flexible: may be cut where the width is short."""

    title: str
    right: bool = False
    flexible: bool = False


def render(headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int | None) -> str:
    """The table, one line a row, without a newline at its end.

    width: in terminal cells; None when there is no end to the right, so that nothing is cut. What
    is not flexible is never cut: such a line may be longer than `width`.
    """
    lines = [[heading.title for heading in headings], *rows]
    natural = [max(cell_len(line[place]) for line in lines) for place in range(len(headings))]
    widths = natural if width is None else _fit(headings, natural, width)
    return "\n".join(_line(headings, line, widths) for line in lines)


def cut(value: str, width: int) -> str:
    """At most `width` cells, the middle given way to an ellipsis; the end of a path tells most."""
    if cell_len(value) <= width:
        return value
    left = (width - 1) // 3
    return f"{_prefix(value, left)}…{_prefix(value[::-1], width - 1 - left)[::-1]}"


def _fit(headings: Sequence[Heading], natural: Sequence[int], width: int) -> list[int]:
    """Takes from the widest flexible column, cell by cell, until all of them fit."""
    widths = list(natural)
    flexible = [place for place, heading in enumerate(headings) if heading.flexible]
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    if not headings[-1].right and not headings[-1].flexible:
        # a sentence at the end runs over the edge sooner than it makes the rest unreadable
        over -= max(widths[-1] - _SENTENCE, 0)
    while over > 0 and flexible:
        widest = max(flexible, key=lambda place: widths[place])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def _line(headings: Sequence[Heading], values: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for heading, value, width in zip(headings, values, widths, strict=True):
        shown = cut(value, width)
        space = " " * (width - cell_len(shown))
        cells.append(space + shown if heading.right else shown + space)
    return _GAP.join(cells).rstrip()


def _prefix(value: str, width: int) -> str:
    """As many of the first characters as fit; wide ones take two cells, combining ones none."""
    used = 0
    for place, char in enumerate(value):
        used += cell_len(char)
        if used > width:
            return value[:place]
    return value
