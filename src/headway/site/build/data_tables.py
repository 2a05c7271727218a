"""Write the site's data tables, each as a CSV file and a JSON file with the same rows.

A table can have millions of rows, so this module formats the values of many rows at once. The
result is the same as if each value were formatted with `metrics.serialize`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from itertools import repeat
from json.encoder import encode_basestring
from math import isfinite
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from headway.metrics.serialize import cell, json_value, public_columns, quoted
from headway.site.build.page_output import Output
from headway.urls import DATA_FORMATS

JSON_START = "[\n"
"""The beginning of a JSON file with at least one row."""
JSON_SEPARATOR = ",\n"
"""The text between two JSON objects."""

_encode = json.JSONEncoder(ensure_ascii=False).encode
_FORMULA = frozenset("=+-@\t\r")
_FIRST = itemgetter(slice(1))
_SIMPLE = frozenset((type(None), bool, int, str, date, datetime))
_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 1 << 20

_Column = str | Sequence[str]
"""The texts of a column's values, or one text if all values are the same."""


class Target(Protocol):
    """A file, or another object with a `write` method."""

    def write(self, content: Any, /) -> int:
        """Write text or bytes, and return the length."""


class RowWriter:
    """Writes records as lines of CSV and as JSON objects, one object per line."""

    def __init__(
        self, record: type, csv_target: Target, json_target: Target, *, first: str = ""
    ) -> None:
        """
        Args:
            record: The type of all records.
            csv_target: Receives the lines of CSV.
            json_target: Receives the JSON objects, separated by commas.
            first: The text to write before the first JSON object.
        """
        columns = public_columns(record) or {}
        self.names = tuple(columns)
        self._values = attrgetter(*columns.values())
        self._keys = [f", {_encode(name)}: " for name in columns]
        self._keys[0] = "{" + self._keys[0].removeprefix(", ")
        self._commas = ["", *("," for _ in self.names[1:])]
        self._csv, self._json = csv_target, json_target
        self._separator = first
        self._waiting: list[Any] = []
        self.empty = True

    def add(self, row: object) -> None:
        """Add one record."""
        self._waiting.append(row)
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self.flush()

    def add_all(self, rows: Iterable[object]) -> None:
        """Add several records."""
        for row in rows:
            self.add(row)

    def add_files(self, csv_file: Path, json_file: Path) -> None:
        """Add the rows of two files that another `RowWriter` wrote for the same type of record."""
        sizes = csv_file.stat().st_size, json_file.stat().st_size
        with csv_file.open("rb") as csv_rows, json_file.open("rb") as json_rows:
            self.add_formatted(csv_rows, json_rows, *sizes)

    def add_formatted(
        self, csv_rows: BinaryIO, json_rows: BinaryIO, csv_size: int, json_size: int
    ) -> None:
        """Add rows that another `RowWriter` wrote for the same type of record.

        Args:
            csv_rows: A file whose next `csv_size` bytes are the rows.
            json_rows: A file whose next `json_size` bytes are the rows.
            csv_size: The number of bytes to copy.
            json_size: The number of bytes to copy.
        """
        self.flush()
        _copy(csv_rows, self._csv, csv_size)
        if json_size:
            self._begin_object()
            _copy(json_rows, self._json, json_size)

    def flush(self) -> None:
        """Write the rows that have been added but not yet written."""
        if not self._waiting:
            return
        # Formatting by column is faster, because most columns have values of a single type.
        named = isinstance(self._waiting[0], tuple)
        rows = self._waiting if named else map(self._values, self._waiting)
        columns = [_formatted(column) for column in zip(*rows, strict=True)]
        cells, texts = zip(*columns, strict=True)
        count = len(self._waiting)
        self._csv.write("".join(_joined(self._commas, cells, "\n", count)))
        self._begin_object()
        self._json.write(",\n".join(_joined(self._keys, texts, "}", count)))
        self._waiting = []

    def _begin_object(self) -> None:
        self._json.write(self._separator)
        self._separator, self.empty = JSON_SEPARATOR, False


def _copy(source: BinaryIO, target: Target, size: int) -> None:
    while size > 0 and (content := source.read(min(size, _BYTES_AT_ONCE))):
        target.write(content)
        size -= len(content)


def csv_header(record: type) -> str:
    """Return the first line of a CSV file with rows of this type."""
    return ",".join(public_columns(record) or ()) + "\n"


@contextmanager
def table(output: Output, path: Callable[[str], str], record: type) -> Iterator[RowWriter]:
    """Open a table as a CSV file and a JSON file, to which the block adds rows.

    Args:
        output: The site to which the files belong.
        path: Returns the path of the file for a format, `csv` or `json`.
        record: The type of all rows.
    """
    with ExitStack() as stack:
        csv_file, json_file = (
            stack.enter_context(output.stream(path(ending))) for ending in DATA_FORMATS
        )
        rows = RowWriter(record, csv_file, json_file, first=JSON_START[1:])
        csv_file.write(csv_header(record))
        json_file.write(JSON_START[0])
        yield rows
        rows.flush()
        json_file.write("]\n" if rows.empty else "\n]\n")


def _joined(
    before: Sequence[str], columns: Sequence[_Column], end: str, count: int
) -> Iterable[str]:
    """Return the text of each row.

    Args:
        before: The text before each column.
        columns: The texts of the columns.
        end: The text at the end of each row.
        count: The number of rows.
    """
    parts: list[Iterable[str]] = []
    constant = ""
    for text, column in zip(before, columns, strict=True):
        constant += text
        if isinstance(column, str):
            constant += column
        else:
            parts += (repeat(constant), column)
            constant = ""
    return map("".join, zip(*parts, repeat(constant + end, count), strict=False))


def _formatted(column: Sequence[Any]) -> tuple[_Column, _Column]:
    """Return the values of a column as CSV cells and as JSON."""
    kinds = set(map(type, column))
    # Use IDs as keys if equal values can have different text, such as True and 1, or 0.0 and -0.0.
    keys = column if kinds <= _SIMPLE and not kinds >= {bool, int} else list(map(id, column))
    distinct = dict(zip(keys, column, strict=True))
    if len(distinct) == 1:
        formatted, text = _formatted_value(column[0])
        return quoted([formatted])[0], text
    if kinds == {int}:
        numbers = list(map(repr, column))
        return numbers, numbers
    if kinds == {str} and len(distinct) > len(column) // 2:
        return quoted(_without_formulas(column)), list(map(encode_basestring, column))
    # Many values are repeated, so each distinct value is formatted only once.
    cells, texts = zip(*map(_formatted_value, distinct.values()), strict=True)
    formatted_cells = dict(zip(distinct, quoted(cells), strict=True))
    formatted_texts = dict(zip(distinct, texts, strict=True))
    return [formatted_cells[key] for key in keys], [formatted_texts[key] for key in keys]


def _without_formulas(texts: Sequence[str]) -> Sequence[str]:
    """Quote strings that a spreadsheet would run as formulas, like `serialize.cell`."""
    if _FORMULA.isdisjoint(map(_FIRST, texts)):
        return texts
    return [f"'{text}" if text[:1] in _FORMULA else text for text in texts]


def _formatted_value(value: Any) -> tuple[str, str]:
    plain = json_value(value)
    if type(plain) is int or (type(plain) is float and isfinite(plain)):
        text = repr(plain)
        return text, text
    if isinstance(value, date):
        # The text begins with a digit and contains no special characters.
        return plain, f'"{plain}"'
    return cell(plain), encode_basestring(plain) if type(plain) is str else _encode(plain)
