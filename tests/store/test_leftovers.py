"""Files that killed commands left beside a store are deleted, but files in use are not."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headway.scratch_dir import scratch_dir_beside
from headway.store.leftovers import remove_leftovers
from headway.store.lock import WriteLock
from headway.store.transfer import note_of_export
from tests.support.workspaces import headway, workspace

NOW = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.fault(38)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "headway.duckdb"


@pytest.fixture(scope="module")
def ended() -> int:
    """Return the ID of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def leave(store: Path, process: int) -> None:
    """Create all files that the commands of a process can leave behind."""
    spill = store.with_name(f"{store.name}.tmp-{process}-3")
    spill.mkdir()
    (spill / "duckdb_temp_storage.tmp").touch()
    store.with_name(f"{store.name}.new").touch()
    store.with_name(f"{store.name}.new.wal").touch()
    store.with_name(f"{store.name}.new.tmp").mkdir()
    store.with_name(f".{store.name}.headway-abc").mkdir()
    unfinished = store.with_name("exp.new")
    unfinished.mkdir()
    (unfinished / "item.parquet").touch()
    note_of_export(store, process).write_text(str(store.with_name("exp")))


def test_everything_that_a_killed_process_left_is_deleted(store: Path, ended: int) -> None:
    leave(store, ended)
    remove_leftovers(store, NOW)
    assert names(store.parent) == {"headway.duckdb.lock"}


def test_files_of_a_running_command_are_kept(store: Path) -> None:
    leave(store, os.getpid())
    with WriteLock(store, NOW), scratch_dir_beside(store) as scratch:
        kept = names(store.parent) - {".headway.duckdb.headway-abc"}
        remove_leftovers(store, NOW)
        assert names(store.parent) == kept
        assert scratch.exists()


def test_only_files_of_an_export_are_deleted(store: Path, ended: int) -> None:
    folder = store.with_name("mine.new")
    folder.mkdir()
    (folder / "thesis.txt").touch()
    note_of_export(store, ended).write_text(str(store.with_name("mine")))
    remove_leftovers(store, NOW)
    assert names(folder) == {"thesis.txt"}


def test_an_export_killed_between_its_renames_is_put_back(store: Path, ended: int) -> None:
    for ending in ("old", "new"):
        folder = store.with_name(f"exp.{ending}")
        folder.mkdir()
        (folder / "manifest.json").write_text(ending)
    note_of_export(store, ended).write_text(str(store.with_name("exp")))
    remove_leftovers(store, NOW)
    assert names(store.parent) == {"exp"}
    assert (store.with_name("exp") / "manifest.json").read_text() == "old"


def test_the_next_command_deletes_what_was_left(tmp_path: Path, ended: int) -> None:
    folder = workspace(tmp_path / "ws")
    leave(folder / "headway.duckdb", ended)
    (folder / ".site.headway-abc").mkdir()
    headway(folder, "validate")
    assert names(folder) == {"headway.toml", "campaigns", "clones", "headway.duckdb.lock"}
