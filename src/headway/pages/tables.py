"""Tables for programs: the same rows as CSV and as JSON, written a row at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from typing import Any, TypeVar

from headway.answers.text import cell, plain
from headway.pages.output import Output, Stream

ENDINGS = ("csv", "json")
_Row = TypeVar("_Row")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).encode


class Table:
    """One table in both forms. A line of JSON is one object, so that huge ones can be streamed."""

    def __init__(self, names: list[str], csv_stream: Stream, json_stream: Stream) -> None:
        self._json = json_stream
        self._csv = csv.writer(csv_stream, lineterminator="\n")
        self._csv.writerow(names)
        self._between = "[\n"

    def add(self, row: object) -> None:
        """One more record."""
        values = plain(row)
        self._csv.writerow(map(cell, values.values()))
        self._json.write(self._between + _encode(values))
        self._between = ",\n"

    def through(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """The rows, each added as it passes."""
        for row in rows:
            self.add(row)
            yield row

    def end(self) -> None:
        """Nothing comes any more."""
        self._json.write("[]\n" if self._between == "[\n" else "\n]\n")


@contextmanager
def table(output: Output, path: Callable[[str], str], record: Any) -> Iterator[Table]:
    """Both files of a table of records of one class. path: where the one with an ending lies."""
    with ExitStack() as stack:
        streams = [stack.enter_context(output.stream(path(ending))) for ending in ENDINGS]
        opened = Table([field.name for field in fields(record)], *streams)
        yield opened
        opened.end()
