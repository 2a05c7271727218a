"""Format text tables: columns fit their content, and long values are shortened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

_GAP = "  "
_MINIMUM_WIDTH = 12
"""The minimum width of a flexible column, in terminal cells."""

_SENTENCE_WIDTH = 24
"""The width reserved for a sentence in the last column, in terminal cells."""


@dataclass(frozen=True, slots=True)
class Heading:
    title: str
    right: bool = False
    """Whether the column is right-aligned."""
    flexible: bool = False
    """Whether values may be shortened if the table is too wide."""


def render(headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int | None) -> str:
    """Return the table as text, with one line per row and no final newline.

    Args:
        headings: The headings of the columns.
        rows: The cells of each row, one for each column.
        width: The intended width in terminal cells; None means unlimited. Lines may be longer,
            because only flexible columns are shortened.
    """
    lines = [[heading.title for heading in headings], *rows]
    natural = [max(cell_len(line[index]) for line in lines) for index in range(len(headings))]
    widths = natural if width is None else _fit(headings, natural, width)
    return "\n".join(_line(headings, line, widths) for line in lines)


def cut(value: str, width: int) -> str:
    """Shorten a text to `width` cells by removing characters near its middle."""
    if cell_len(value) <= width:
        return value
    before = (width - 1) // 3
    return f"{_prefix(value, before)}…{_prefix(value[::-1], width - 1 - before)[::-1]}"


def _fit(headings: Sequence[Heading], natural: Sequence[int], width: int) -> list[int]:
    """Narrow the widest flexible column cell by cell until the table fits."""
    widths = list(natural)
    flexible = [index for index, heading in enumerate(headings) if heading.flexible]
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    if not headings[-1].right and not headings[-1].flexible:
        # Wrapping a sentence in the last column is better than shortening other columns.
        over -= max(widths[-1] - _SENTENCE_WIDTH, 0)
    while over > 0 and flexible:
        widest = max(flexible, key=lambda index: widths[index])
        if widths[widest] <= _MINIMUM_WIDTH:
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
    """Return the longest prefix of a text that fits into `width` cells.

    A wide character takes two cells, and a combining character takes none.
    """
    used = 0
    for index, char in enumerate(value):
        used += cell_len(char)
        if used > width:
            return value[:index]
    return value
