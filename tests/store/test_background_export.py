"""A store can be exported while the command reads from it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import duckdb
import pytest

from headway.store import background_export
from headway.store.background_export import exported_meanwhile
from headway.store.store_reader import open_store
from headway.store.transfer import MANIFEST, ExportError, OccupiedError, Transfer, export_history
from tests.support.git import Repo
from tests.support.workspaces import headway, workspace


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("scanned"))
    Repo(folder / "clones" / "shop").commit("2020-02-10", {"a.py": "import six\n"})
    headway(folder, "--today", "2020-03-02", "scan", "--jobs", "1")
    return folder / "headway.duckdb"


def test_the_export_is_complete_when_the_block_ends(store: Path, tmp_path: Path) -> None:
    with (
        open_store(store, writes_files=True) as history,
        exported_meanwhile(history, store, tmp_path / "made"),
    ):
        assert history.scans.last() is not None
    export_history(store, tmp_path / "expected")
    made, expected = (
        json.loads((tmp_path / name / MANIFEST).read_text()) for name in ("made", "expected")
    )
    assert made == expected


def test_an_error_of_the_export_is_raised(store: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    with (
        pytest.raises(OccupiedError),
        open_store(store, writes_files=True) as history,
        exported_meanwhile(history, store, tmp_path / "mine"),
    ):
        pass


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_of_the_block_interrupts_the_export(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    began, ended = threading.Event(), []

    def slow(path: Path, folder: Path, connections: list[duckdb.DuckDBPyConnection]) -> Transfer:
        began.set()
        try:
            connections[-1].execute(
                "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"
            )
        except Exception as interrupted:
            ended.append(type(interrupted).__name__)
            raise ExportError(folder, interrupted) from interrupted
        raise AssertionError

    monkeypatch.setattr(background_export, "export_history", slow)

    def fail() -> None:
        with (
            open_store(store, writes_files=True) as history,
            exported_meanwhile(history, store, tmp_path / "made"),
        ):
            began.wait()
            raise error

    with pytest.raises(error):
        fail()
    assert ended == ["InterruptException"]
