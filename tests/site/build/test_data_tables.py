"""Tables for programs say the same as what commands print, value for value."""

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

from hypothesis import given
from hypothesis import strategies as some

from headway.metrics.serialize import csv_text, plain
from headway.site.build.data_tables import Table, table
from headway.site.build.page_output import Output

TEXT = some.text(some.sampled_from("ab\",\n\t=+-@'\\ \u2028é😀"), max_size=6)


@dataclass(frozen=True)
class Row:
    """A value of every kind that records have."""

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


class Kept:
    """A stream that keeps what is written."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


@given(some.lists(ROWS, max_size=8))
def test_what_is_written_is_what_the_rows_say(rows: list[Row]) -> None:
    names = [field.name for field in fields(Row)]
    as_csv, as_json = Kept(), Kept()
    opened = Table({name: name for name in names}, as_csv, as_json)  # type: ignore[arg-type]
    for row in rows:
        opened.add(row)
    opened.end()
    assert as_csv.text == csv_text(rows, names)
    # as a reader of CSV sees it, too
    read = list(csv.reader(io.StringIO(as_csv.text, newline="")))
    assert [line[0].removeprefix("'") for line in read[1:]] == [
        row.text.removeprefix("'") for row in rows
    ]
    assert json.loads(as_json.text) == [plain(row) for row in rows]
    assert (
        as_json.text
        == "["
        + "".join(
            ("," if number else "") + "\n" + json.dumps(plain(row), ensure_ascii=False)
            for number, row in enumerate(rows)
        )
        + ("\n" if rows else "")
        + "]\n"
    )


@given(some.lists(some.lists(ROWS, max_size=3), max_size=4))
def test_pieces_of_other_tables_make_the_same_table_as_their_rows(parts: list[list[Row]]) -> None:
    with TemporaryDirectory() as folder:
        output = Output(Path(folder))
        together = []
        for number, rows in enumerate(parts):
            with table(output, f"{number}.{{}}".format, Row) as opened:
                opened.piece(parts[0])
                piece = opened.piece(rows)
            together.append(
                (
                    output.read(f"{number}.csv", piece.csv_start, piece.csv_length),
                    output.read(f"{number}.json", piece.json_start, piece.json_length),
                )
            )
        with table(output, "pieces.{}".format, Row) as opened:
            for written in together:
                opened.add_written(*written)
        with table(output, "rows.{}".format, Row) as opened:
            for row in chain.from_iterable(parts):
                opened.add(row)
        for ending in ("csv", "json"):
            pieces, all_rows = (Path(folder, f"{name}.{ending}") for name in ("pieces", "rows"))
            assert pieces.read_bytes() == all_rows.read_bytes()


def test_a_carriage_return_ends_no_line(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with table(Output(tmp_path), lambda ending: f"one.{ending}", Row) as opened:
        opened.add(Row("a\rb", 1, 0.5, True, None, moment, (), {}, None))
    with (tmp_path / "one.csv").open(newline="") as file:
        assert [line[0] for line in csv.reader(file)] == ["text", "a\rb"]


def test_more_rows_than_are_written_at_once(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    row = Row("a", 1, 0.5, True, None, moment, (), {}, None)
    with table(Output(tmp_path), lambda ending: f"many.{ending}", Row) as opened:
        assert len(list(opened.through([row] * 1_200))) == 1_200
    assert len((tmp_path / "many.csv").read_text().splitlines()) == 1_201
    assert len(json.loads((tmp_path / "many.json").read_text())) == 1_200
