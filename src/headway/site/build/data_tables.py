"""Tables for programs: the same rows as CSV and as JSON, written as they come.

There may be millions of rows: what `answers.text` says of one value is said here of many at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from headway.metrics.serialize import cell, json_value, public_columns, quoted
from headway.site.build.page_output import Output, Stream

ENDINGS = ("csv", "json")
_Row = TypeVar("_Row")
_encode = json.JSONEncoder(ensure_ascii=False).encode
_FORMULA = frozenset("=+-@\t\r")
_HASHED = frozenset((type(None), bool, int, date, datetime))
_ROWS_AT_ONCE = 500


class Piece(NamedTuple):
    """Some rows as they lie in the two files of a table: where they begin in each, and how long
    they are there, in bytes.
    """

    csv_start: int = 0
    csv_length: int = 0
    json_start: int = 0
    json_length: int = 0


class Table:
    """One table in both forms. A line of JSON is one object, so that huge ones can be streamed.

    columns: each column's name and the field that it shows; at least two. Rows that are named
    tuples show all their fields.
    """

    def __init__(self, columns: Mapping[str, str], csv_stream: Stream, json_stream: Stream) -> None:
        self._values = attrgetter(*columns.values())
        self._object = "{" + ", ".join(f"{_encode(name)}: %s" for name in columns) + "}"
        self._csv, self._json = csv_stream, json_stream
        self._rows: list[Any] = []
        self._between = "[\n"
        self._csv.write(",".join(columns) + "\n")

    def add(self, row: object) -> None:
        """One more record."""
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._write()

    def through(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """The rows, each added as it passes."""
        for row in rows:
            self.add(row)
            yield row

    def piece(self, rows: Iterable[object]) -> Piece:
        """Adds these rows; gives where they are."""
        self._write()
        csv_start, json_start = self._csv.length, self._json.length + len(self._between)
        for row in rows:
            self.add(row)
        self._write()
        json_length = max(self._json.length - json_start, 0)
        return Piece(csv_start, self._csv.length - csv_start, json_start, json_length)

    def add_written(self, csv_rows: bytes, json_rows: bytes) -> None:
        """Adds a piece of another table of such records, as it lies there in each file."""
        if json_rows:
            self._write()
            self._csv.write(csv_rows)
            self._json.write(self._between)
            self._json.write(json_rows)
            self._between = ",\n"

    def end(self) -> None:
        """Nothing comes any more."""
        self._write()
        self._json.write("[]\n" if self._between == "[\n" else "\n]\n")

    def _write(self) -> None:
        if not self._rows:
            return
        # a column at a time: most hold values of one kind
        named = isinstance(self._rows[0], tuple)
        rows = self._rows if named else map(self._values, self._rows)
        columns = [_shown(column) for column in zip(*rows, strict=True)]
        lines = map(",".join, zip(*(quoted(cells) for cells, _ in columns), strict=True))
        self._csv.write("\n".join(lines) + "\n")
        objects = map(self._object.__mod__, zip(*(texts for _, texts in columns), strict=True))
        self._json.write(self._between + ",\n".join(objects))
        self._between = ",\n"
        self._rows = []


def _shown(column: Sequence[Any]) -> tuple[Sequence[str], Sequence[str]]:
    """Values as cells and as JSON."""
    if len(set(map(id, column))) == 1:
        shown, text = _one(column[0])
        return [shown] * len(column), [text] * len(column)
    kinds = set(map(type, column))
    if kinds == {str}:
        cells = [f"'{value}" if value[:1] in _FORMULA else value for value in column]
        return cells, list(map(encode_basestring, column))
    if kinds == {int}:
        numbers = list(map(str, column))
        return numbers, numbers
    # the same value is often there many times: a day, a truth, nothing
    known: dict[tuple[type, Any], tuple[str, str]] = {}
    pairs = []
    for value in column:
        kind = type(value)
        key = (kind, value) if kind in _HASHED else (kind, id(value))
        if key not in known:
            known[key] = _one(value)
        pairs.append(known[key])
    return [shown for shown, _ in pairs], [text for _, text in pairs]


def _one(value: Any) -> tuple[str, str]:
    plain = json_value(value)
    return cell(plain), encode_basestring(plain) if type(plain) is str else _encode(plain)


@contextmanager
def table(output: Output, path: Callable[[str], str], record: Any) -> Iterator[Table]:
    """Both files of a table of records of one class. path: where the one with an ending lies."""
    with ExitStack() as stack:
        streams = [stack.enter_context(output.stream(path(ending))) for ending in ENDINGS]
        opened = Table(public_columns(record) or {}, *streams)
        yield opened
        opened.end()
