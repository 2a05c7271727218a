"""The output of `query` and `burndown --series` is safe, whatever the column names are."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.store import store_reader
from tests.support.git import Repo
from tests.support.workspaces import headway, workspace

ODD = "\x1b]8;;http://evil.example\x07|@all"
PIVOT = "PIVOT (SELECT 1 AS amount, '" + ODD + "' AS name) ON name USING sum(amount)"
SERIES = """title: T
starts: 2020-01-06
deprecated: [{id: v, scanner: regex, pattern: 'version (?P<version>.*)'}]
"""


def scanned(folder: Path) -> Path:
    workspace(folder, t=SERIES)
    Repo(folder / "clones" / "one").commit("2020-01-10", {"a.txt": f"version {ODD}\n"})
    headway(folder, "scan", "--today", "2020-02-01")
    return folder


@pytest.mark.fault(34)
@pytest.mark.parametrize("output_format", ["table", "markdown"])
def test_column_headings_are_escaped(tmp_path: Path, output_format: str) -> None:
    folder = scanned(tmp_path)
    for command in (["query", PIVOT], ["burndown", "t", "--series", "version"]):
        done = headway(folder, *command, "--format", output_format, "--today", "2020-02-01")
        assert "\x1b" not in done.stdout
        assert "\\x1b" in done.stdout
        if output_format == "markdown":
            assert "@all" not in done.stdout


def test_a_query_without_a_statement_is_an_error(tmp_path: Path) -> None:
    done = headway(scanned(tmp_path), "query", ";", code=1)
    assert "the query contains no statement" in done.stderr


def test_the_memory_for_the_result_of_a_query_is_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scanned(tmp_path)
    monkeypatch.setattr(store_reader, "_RESULT_BYTES", 1_000_000)
    headway(folder, "query", "SELECT * FROM range(1000)")
    done = headway(folder, "query", "SELECT repeat('x', 100) FROM range(1000000)", code=1)
    assert "the result needs more than 1,000,000 bytes of memory" in done.stderr
