"""Printed rows are complete for programs, and safe for terminals and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.cli.output import Column, Format, emit, shown_path
from headway.metrics.serialize import csv_text, percent

HOSTILE = "=cmd()|<b>@all`\x1b[31m\u202e.py"
COLUMNS = (Column("path", "path", fit="wrap"), Column("open", "open", right=True))


@dataclass(frozen=True, slots=True)
class Row:
    path: str
    open: int
    due: date | None = None
    seen: datetime | None = None
    captures: tuple[str, ...] = ()


def printed(capsys: pytest.CaptureFixture[str], output_format: Format, *rows: Row) -> str:
    emit(rows, COLUMNS, output_format)
    return capsys.readouterr().out


def test_json_contains_all_fields_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    row = Row(HOSTILE, -3, date(2026, 1, 5), datetime(2026, 1, 5, 3, 4, 5, tzinfo=UTC), ("a", "b"))
    assert json.loads(printed(capsys, "json", row)) == [
        {
            "path": HOSTILE,
            "open": -3,
            "due": "2026-01-05",
            "seen": "2026-01-05T03:04:05Z",
            "captures": ["a", "b"],
        }
    ]


def test_json_without_rows_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(capsys, "json")) == []


@pytest.mark.fault(34)
def test_csv_contains_all_fields_and_no_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "csv", Row(HOSTILE, -3, captures=("a",)))
    assert list(csv.reader(io.StringIO(text))) == [
        ["path", "open", "due", "seen", "captures"],
        [f"'{HOSTILE}", "-3", "", "", '["a"]'],
    ]


@given(st.lists(st.lists(st.text(alphabet='a",\r\n\t é'), min_size=2, max_size=2), max_size=3))
def test_csv_can_be_read_back_unchanged(values: list[list[str]]) -> None:
    cells = [[value.lstrip("\r\t") for value in row] for row in values]
    rows = [dict(zip("ab", row, strict=True)) for row in cells]
    text = csv_text(rows, ["a", "b"])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b"], *cells]


def test_a_row_with_one_empty_cell_is_kept() -> None:
    assert csv_text([{"a": ""}, {"a": None}], ["a"]) == 'a\n""\n""\n'


@pytest.mark.fault(34)
@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_cells_that_look_like_formulas_are_quoted(
    capsys: pytest.CaptureFixture[str], first: str
) -> None:
    text = printed(capsys, "csv", Row(f"{first}1+1", 0))
    assert f"'{first}1+1" in text


@pytest.mark.fault(25)
@pytest.mark.parametrize("output_format", ["json", "csv"])
def test_data_is_escaped_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, output_format: Format
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    text = printed(capsys, output_format, Row(HOSTILE, 1))
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.fault(25)
def test_control_characters_in_tables_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "table", Row(HOSTILE, 1))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"=cmd()|<b>@all`\x1b[31m\u202e.py" in text


@pytest.mark.fault(34)
def test_markdown_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "markdown", Row("a|b`c\n<img> @team", 1))
    assert text.splitlines() == [
        "| path | open |",
        "| --- | ---: |",
        "| a\\|b\\`c\\\\x0a\\<img> @\u200bteam | 1 |",
    ]


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, "–"), (0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.999, "99%"), (1, "100%")],
)
def test_only_all_is_100_percent_and_only_nothing_0(share: float | None, shown: str) -> None:
    assert percent(share) == shown


def test_a_path_is_quoted_for_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_path(tmp_path / "a b") == "'a b'"
    assert shown_path(Path("/etc")) == "/etc"
