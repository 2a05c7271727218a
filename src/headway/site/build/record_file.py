"""Records put aside in a file by one process for others, each to be had by its key alone."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class Span(NamedTuple):
    """Where in the file a record is, in bytes."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A file of records. spans: key to the place of its record."""

    path: Path
    spans: Mapping[str, Span]

    def get(self, key: str) -> Any:
        """The record of a key; KeyError when there is none."""
        span = self.spans[key]
        with self.path.open("rb") as file:
            file.seek(span.start)
            # nobody but this program's own processes can write into the folder that it lies in
            return pickle.loads(file.read(span.length))  # noqa: S301 - we wrote it


def put_aside(path: Path, records: Iterable[tuple[str, object]]) -> Shelf:
    """Writes (key, record) of each."""
    spans = {}
    with path.open("xb") as file:
        for key, record in records:
            start = file.tell()
            file.write(pickle.dumps(record, pickle.HIGHEST_PROTOCOL))
            spans[key] = Span(start, file.tell() - start)
    return Shelf(path, spans)
