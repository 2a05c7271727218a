"""Fit text tables to a width: hide less important columns, then wrap or shorten cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rich.cells import cell_len

Fit = Literal["whole", "wrap", "cut"]
"""The behaviour of a column's values in a narrow table: they stay whole, wrap to more lines, or are
shortened.
"""

_GAP = "  "
_MINIMUM_WIDTH = 12
"""The minimum width of a column that wraps or is shortened, in terminal cells."""
_COMFORTABLE_WIDTH = 24
"""Columns are hidden before any column is narrowed below this number of terminal cells."""
_BREAK = re.compile(r"[^\s/_,-]*[\s/_,-]*")
"""Matches a word and the characters after it at which a line can end."""


@dataclass(frozen=True, slots=True)
class Heading:
    title: str
    right: bool = False
    """Whether the column is right-aligned."""
    fit: Fit = "whole"
    hide_first: int = 0
    """The columns with the highest number are hidden first. Columns with 0 are never hidden."""


@dataclass(frozen=True, slots=True)
class TextTable:
    text: str
    """The lines of the table, without a final newline."""
    hidden: tuple[str, ...] = ()
    """The titles of the columns that did not fit."""


def render(
    headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int | None
) -> TextTable:
    """Lay out a table.

    Args:
        headings: The headings of the columns.
        rows: The cells of each row, one for each column.
        width: The intended width in terminal cells. None means unlimited. Columns that must stay
            whole can make the table wider.
    """
    columns = [[row[index] for row in rows] for index in range(len(headings))]
    natural = [_width([heading.title]) for heading in headings]
    natural = [max(title, _width(cells)) for title, cells in zip(natural, columns, strict=True)]
    if width is None or _total(natural) <= width:
        return TextTable(_lines(headings, rows, natural))
    # Headings wrap to a second line before a column is hidden, wrapped or shortened.
    needed = [
        max(_width(heading.title.split()), _width(cells))
        for heading, cells in zip(headings, columns, strict=True)
    ]
    shown = _shown(headings, needed, width)
    headings_shown = [headings[index] for index in shown]
    widths = _narrowed(headings_shown, [needed[index] for index in shown], width)
    cells_shown = [[row[index] for index in shown] for row in rows]
    hidden = (heading.title for index, heading in enumerate(headings) if index not in shown)
    return TextTable(_lines(headings_shown, cells_shown, widths), tuple(hidden))


def cut(value: str, width: int) -> str:
    """Shorten a string to `width` cells by removing characters near its middle."""
    if cell_len(value) <= width:
        return value
    before = (width - 1) // 3
    return f"{_prefix(value, before)}…{_prefix(value[::-1], width - 1 - before)[::-1]}"


def wrap(value: str, width: int) -> list[str]:
    """Divide a string into lines of at most `width` cells, if possible after a space or `/_,-`."""
    lines, line = [], ""
    for part in _BREAK.findall(value):
        if cell_len((line + part).rstrip()) <= width:
            line += part
            continue
        if line:
            lines.append(line.rstrip())
        line = part
        while cell_len(line.rstrip()) > width:
            head = _prefix(line, width) or line[0]
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _shown(headings: Sequence[Heading], needed: Sequence[int], width: int) -> list[int]:
    """Return the indices of the columns to show."""
    comfortable = [
        size if heading.fit == "whole" else min(size, _COMFORTABLE_WIDTH)
        for heading, size in zip(headings, needed, strict=True)
    ]
    shown = list(range(len(headings)))
    optional = sorted(
        (index for index in shown if headings[index].hide_first),
        key=lambda index: headings[index].hide_first,
    )
    while optional and _total([comfortable[index] for index in shown]) > width:
        shown.remove(optional.pop())
    return shown


def _narrowed(headings: Sequence[Heading], needed: Sequence[int], width: int) -> list[int]:
    """Return the widths of the columns. The widest flexible ones are narrowed to fit the table.

    Columns with the fit `whole` keep their width, and the others have a minimum width, so the table
    may still be too wide.
    """
    widths = list(needed)
    flexible = [index for index, heading in enumerate(headings) if heading.fit != "whole"]
    for _ in range(max(_total(widths) - width, 0) if flexible else 0):
        widest = max(flexible, key=lambda index: widths[index])
        if widths[widest] <= _MINIMUM_WIDTH:
            break
        widths[widest] -= 1
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _width(values: Sequence[str]) -> int:
    return max(map(cell_len, values), default=0)


def _lines(
    headings: Sequence[Heading], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> str:
    titles = [wrap(heading.title, size) for heading, size in zip(headings, widths, strict=True)]
    depth = max(map(len, titles), default=1)
    lines = _side_by_side(headings, [[""] * (depth - len(part)) + part for part in titles], widths)
    for row in rows:
        cells = [
            wrap(value, size) if heading.fit == "wrap" else [_cut_to(heading, value, size)]
            for heading, value, size in zip(headings, row, widths, strict=True)
        ]
        lines += _side_by_side(headings, cells, widths)
    return "\n".join(lines)


def _cut_to(heading: Heading, value: str, width: int) -> str:
    return cut(value, width) if heading.fit == "cut" else value


def _side_by_side(
    headings: Sequence[Heading], cells: Sequence[Sequence[str]], widths: Sequence[int]
) -> list[str]:
    """Return the lines of a row whose cells can have several lines."""
    return [
        _GAP.join(
            " " * (width - cell_len(part)) + part
            if heading.right
            else part + " " * (width - cell_len(part))
            for heading, part, width in zip(headings, parts, widths, strict=True)
        ).rstrip()
        for parts in zip_longest(*cells, fillvalue="")
    ]


def _prefix(value: str, width: int) -> str:
    """Return the longest prefix of a string that fits into `width` cells.

    A wide character takes two cells, and a combining character takes none.
    """
    used = 0
    for index, char in enumerate(value):
        used += cell_len(char)
        if used > width:
            return value[:index]
    return value
