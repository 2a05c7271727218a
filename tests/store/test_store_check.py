"""`headway doctor` checks the rows of the store."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from headway.store import seal
from headway.store.store_check import problems_of_store
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "ws")
    Repo(folder / "clones" / "one").commit("2026-01-02", {"a.py": "import six\n"})
    headway(folder, "--today", "2026-03-01", "scan", "--jobs", "1")
    return folder


def change(store: Path, statement: str) -> None:
    """Change a store without damaging its file."""
    with duckdb.connect(store) as connection:
        connection.execute(statement)
    seal.seal(store)


def finding(folder: Path, code: int) -> str:
    found = json.loads(headway(folder, "doctor", "--format", "json", code=code).stdout)
    (said,) = [row["said"] for row in found if row["check"] == "store"]
    return str(said)


def test_the_store_of_a_scan_is_consistent(folder: Path) -> None:
    assert problems_of_store(folder / "headway.duckdb") == []


@pytest.mark.fault(5)
def test_doctor_finds_rows_that_contradict_each_other(folder: Path) -> None:
    change(folder / "headway.duckdb", "DELETE FROM repository")
    found = problems_of_store(folder / "headway.duckdb")
    assert any("repository" in problem for problem in found)
    assert "headway import --replace headway.duckdb.export" in found[-1]
    assert "headway import --replace" in finding(folder, 3)


@pytest.mark.fault(5)
def test_doctor_finds_a_store_that_is_cut_off(folder: Path) -> None:
    store = folder / "headway.duckdb"
    store.write_bytes(store.read_bytes()[:-4096])
    assert "headway import --replace" in finding(folder, 3)


def test_without_a_store_there_is_nothing_to_check(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    Repo(folder / "clones" / "one").commit("2026-01-02", {"a.py": "import six\n"})
    assert all(row["check"] != "store" for row in rows(folder, "doctor"))
