"""The site's data tables have the same values as the output of commands."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from hypothesis import given
from hypothesis import strategies as some

from headway.metrics.serialize import csv_text, plain
from headway.site.build.data_tables import RowWriter, table
from headway.site.build.page_output import Output

TEXT = some.text(some.sampled_from("ab\",\n\t=+-@'\\ \u2028é😀"), max_size=6)


@dataclass(frozen=True)
class Row:
    """A record with one field for each kind of value that data tables contain."""

    text: str
    count: int
    share: float | None
    is_so: bool
    day: date | None
    moment: datetime
    words: tuple[str, ...]
    captures: Mapping[str, str]
    mixed: str | int | None


ROWS = some.builds(
    Row,
    TEXT,
    some.integers(),
    some.none() | some.floats(allow_nan=False, allow_infinity=False),
    some.booleans(),
    some.none() | some.dates(),
    some.datetimes(timezones=some.just(UTC)),
    some.tuples(TEXT),
    some.dictionaries(TEXT, TEXT, max_size=2),
    TEXT | some.integers() | some.none(),
)


@given(some.lists(ROWS, max_size=8))
def test_a_table_has_the_same_values_as_commands_print(rows: list[Row]) -> None:
    names = [field.name for field in fields(Row)]
    with TemporaryDirectory() as folder:
        with table(Output(Path(folder)), "rows.{}".format, Row) as written:
            written.add_all(rows)
        as_csv = Path(folder, "rows.csv").read_bytes().decode()
        as_json = Path(folder, "rows.json").read_bytes().decode()
    assert as_csv == csv_text(rows, names)
    # A program that reads the CSV gets the same values.
    read = list(csv.reader(io.StringIO(as_csv, newline="")))
    assert [line[0].removeprefix("'") for line in read[1:]] == [
        row.text.removeprefix("'") for row in rows
    ]
    assert json.loads(as_json) == [plain(row) for row in rows]
    assert (
        as_json
        == "["
        + "".join(
            ("," if number else "") + "\n" + json.dumps(plain(row), ensure_ascii=False)
            for number, row in enumerate(rows)
        )
        + ("\n" if rows else "")
        + "]\n"
    )


@given(some.lists(some.lists(ROWS, max_size=3), max_size=4))
def test_a_table_of_files_is_the_table_of_their_rows(parts: list[list[Row]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = [(folder / f"{number}.csv", folder / f"{number}.json") for number in range(4)]
        for rows, (csv_path, json_path) in zip(parts, files, strict=False):
            with csv_path.open("wb") as csv_file, json_path.open("wb") as json_file:
                writer = RowWriter(Row, Encoded(csv_file), Encoded(json_file))
                writer.add_all(rows)
                writer.flush()
        output = Output(folder)
        with table(output, "files.{}".format, Row) as written:
            for pair in files[: len(parts)]:
                written.add_files(*pair)
        with table(output, "rows.{}".format, Row) as written:
            written.add_all(chain.from_iterable(parts))
        for ending in ("csv", "json"):
            of_files, of_rows = folder / f"files.{ending}", folder / f"rows.{ending}"
            assert of_files.read_bytes() == of_rows.read_bytes()


class Encoded:
    """Accepts text, and writes it to a binary file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def test_a_carriage_return_does_not_end_a_line(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with table(Output(tmp_path), lambda ending: f"one.{ending}", Row) as opened:
        opened.add(Row("a\rb", 1, 0.5, True, None, moment, (), {}, None))
    with (tmp_path / "one.csv").open(newline="") as file:
        assert [line[0] for line in csv.reader(file)] == ["text", "a\rb"]


def test_more_rows_than_are_written_at_once(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    row = Row("a", 1, 0.5, True, None, moment, (), {}, None)
    with table(Output(tmp_path), lambda ending: f"many.{ending}", Row) as written:
        written.add_all([row] * 1_200)
    assert len((tmp_path / "many.csv").read_text().splitlines()) == 1_201
    assert len(json.loads((tmp_path / "many.json").read_text())) == 1_200
