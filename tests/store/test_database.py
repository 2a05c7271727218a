"""Stores of other versions and damaged stores are handled, and queries have limits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from headway.errors import HeadwayError
from headway.store import atomic_update as replacing
from headway.store import database
from headway.store import store_reader as reading
from headway.store.atomic_update import StoreWriteError, next_version
from headway.store.database import (
    StoreDamagedError,
    StoreMissingError,
    StoreNewerError,
    StoreOlderError,
)
from headway.store.store_reader import QueryError, open_store
from headway.store.table_definitions import MIGRATIONS, VERSION, Migration
from tests.support.git import Repo
from tests.support.processes import PATIENCE, begin
from tests.support.programs import strace
from tests.support.story import story
from tests.support.workspaces import scan, workspace

NOW = datetime(2020, 3, 9, 12, tzinfo=UTC)
NEXT = Migration(
    VERSION + 1,
    "hosts",
    "ALTER TABLE scan ADD COLUMN host VARCHAR; UPDATE scan SET host = 'here';",
)
BROKEN = Migration(VERSION + 1, "broken", "UPDATE scan SET id = 7; SELECT no_such_function();")


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = workspace(tmp_path_factory.mktemp("scanned"))
    Repo(made / "clones" / "shop").commit("2020-02-10", {"a.py": "import six\n"})
    scan(made, date(2020, 3, 2))
    return made


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path / "ws", symlinks=True)


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Make this version of Headway one version newer than its stores."""
    with monkeypatch.context() as patched:
        add_migration(patched, NEXT)
        yield patched


def add_migration(patched: pytest.MonkeyPatch, migration: Migration) -> None:
    patched.setattr(database, "MIGRATIONS", (*MIGRATIONS, migration))
    for module in (database, replacing):
        patched.setattr(module, "VERSION", migration.version)


def version_of(store: Path) -> int:
    with duckdb.connect(store, read_only=True) as connection:
        rows = connection.execute("SELECT max(version) FROM schema_version").fetchall()
    return int(rows[0][0])


@pytest.mark.fault(10)
def test_an_older_store_is_migrated_and_kept(folder: Path, newer: pytest.MonkeyPatch) -> None:
    store = folder / "headway.duckdb"
    before = store.read_bytes()
    with next_version(store, NOW) as connection:
        assert connection.execute("SELECT DISTINCT host FROM scan").fetchall() == [("here",)]
    assert version_of(store) == VERSION + 1
    assert (folder / f"headway.duckdb.version-{VERSION}").read_bytes() == before


@pytest.mark.fault(10)
def test_an_older_store_cannot_be_read_until_a_scan_has_migrated_it(
    folder: Path, newer: pytest.MonkeyPatch
) -> None:
    store = folder / "headway.duckdb"
    message = f"store version {VERSION}, .*reads version {VERSION + 1}; run `headway scan`"
    with pytest.raises(StoreOlderError, match=message), open_store(store):
        pass
    with next_version(store, NOW):
        pass
    with open_store(store) as opened:
        assert opened.scans.last() is not None


@pytest.mark.fault(10)
def test_a_failed_migration_keeps_the_old_store(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = folder / "headway.duckdb"
    before = store.read_bytes()
    with monkeypatch.context() as patched:
        add_migration(patched, BROKEN)
        with pytest.raises(duckdb.Error, match="no_such_function"), next_version(store, NOW):
            pass
    assert store.read_bytes() == before
    assert not list(folder.glob("headway.duckdb.*new*"))
    scan(folder, date(2020, 3, 9))


MIGRATE = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from tests.store import test_database as these
from headway.store import database
from headway.store import atomic_update as replacing

database.MIGRATIONS = (*these.MIGRATIONS, these.NEXT)
database.VERSION = replacing.VERSION = these.NEXT.version
with replacing.next_version(Path(sys.argv[1]), datetime(2020, 3, 9)):
    if sys.argv[2] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.fault(10)
@pytest.mark.parametrize("when", ["before", "pwrite64", "rename"])
def test_a_killed_migration_keeps_the_old_store(folder: Path, when: str) -> None:
    store = folder / "headway.duckdb"
    before = store.read_bytes()
    command = [sys.executable, "-c", MIGRATE, str(store), when]
    if when != "before":
        kill = ("-e", f"trace={when}", "-e", f"inject={when}:signal=KILL")
        command = [
            *strace("-f", "-qq", "-o", "/dev/null", "-P", f"{store}.new", *kill),
            *command,
        ]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -signal.SIGKILL
    assert store.read_bytes() == before
    kept = folder / f"headway.duckdb.version-{VERSION}"
    assert not kept.exists() or kept.read_bytes() == before
    scan(folder, date(2020, 3, 9))
    assert version_of(store) == VERSION


@pytest.mark.fault(11)
def test_a_newer_store_is_refused_and_not_changed(folder: Path) -> None:
    store = folder / "headway.duckdb"
    with duckdb.connect(store) as connection:
        connection.execute(f"UPDATE schema_version SET version = {VERSION + 1}")
    before = store.read_bytes()
    message = f"store version {VERSION + 1}, .*not changed; upgrade Headway"
    with pytest.raises(StoreNewerError, match=message), next_version(store, NOW):
        pass
    with pytest.raises(StoreNewerError, match=message), open_store(store):
        pass
    assert store.read_bytes() == before
    assert not list(folder.glob("headway.duckdb.[!l]*"))


@pytest.mark.parametrize("content", [b"years of work\n" * 999, b"DUCK", b"\0" * 20_000])
def test_a_file_that_is_no_database_is_not_changed(tmp_path: Path, content: bytes) -> None:
    store = tmp_path / "headway.duckdb"
    store.write_bytes(content)
    with (
        pytest.raises(StoreDamagedError, match=r"cannot be read .*move the file away"),
        open_store(store),
    ):
        pass
    with pytest.raises(StoreDamagedError, match="cannot be read"), next_version(store, NOW):
        pass
    assert store.read_bytes() == content


def test_the_tables_of_another_program_are_kept(tmp_path: Path) -> None:
    store = tmp_path / "headway.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{store}' AS store (STORAGE_VERSION 'v1.4.0')")
        connection.execute("CREATE TABLE store.theirs AS SELECT 42 AS answer")
    before = store.read_bytes()
    with pytest.raises(StoreMissingError), open_store(store):
        pass
    with next_version(store, NOW) as written:
        assert written.execute("SELECT answer FROM theirs").fetchall() == [(42,)]
    assert (tmp_path / "headway.duckdb.version-0").read_bytes() == before


@pytest.mark.fault(11)
def test_a_database_of_a_newer_duckdb_is_not_changed(tmp_path: Path) -> None:
    store = tmp_path / "headway.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{store}' AS store (STORAGE_VERSION 'latest')")
        connection.execute("CREATE TABLE store.theirs AS SELECT 42 AS answer")
    before = store.read_bytes()
    message = r"headway\.duckdb cannot be read .*storage version"
    with pytest.raises(StoreDamagedError, match=message), next_version(store, NOW):
        pass
    assert store.read_bytes() == before


def test_an_error_while_writing_changes_nothing(folder: Path) -> None:
    store = folder / "headway.duckdb"
    before = store.read_bytes()
    with pytest.raises(ZeroDivisionError):
        delete_all_and_fail(store)
    assert store.read_bytes() == before
    assert not list(folder.glob("headway.duckdb.*new*"))


def delete_all_and_fail(store: Path) -> None:
    with next_version(store, NOW) as connection:
        connection.execute("DELETE FROM scan")
        raise ZeroDivisionError


def test_a_symbolic_link_to_a_store_is_kept(folder: Path) -> None:
    real = folder / "elsewhere.duckdb"
    (folder / "headway.duckdb").rename(real)
    (folder / "headway.duckdb").symlink_to(real)
    scan(folder, date(2020, 3, 9))
    assert (folder / "headway.duckdb").is_symlink()
    with open_store(real) as opened:
        assert opened.scans.last() is not None
    assert not list(folder.glob("*.new*"))


# Root can read every file, unless this command takes away its capabilities.
OBEDIENT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def under_permissions() -> tuple[str, ...]:
    return OBEDIENT if os.geteuid() == 0 else ()


@pytest.mark.parametrize("command", ["status", "scan"])
def test_a_store_without_read_permission(folder: Path, command: str) -> None:
    store = folder / "headway.duckdb"
    before = store.read_bytes()
    store.chmod(0o000)
    process = begin(folder, command, under=under_permissions())
    _, errors = process.communicate(timeout=PATIENCE)
    store.chmod(0o644)
    assert process.returncode == 1
    assert errors.startswith((f"error: {store} ", "error: cannot "))
    assert "Permission denied" in errors
    assert "Traceback" not in errors
    assert store.read_bytes() == before


def test_a_folder_without_write_permission(folder: Path) -> None:
    before = story(folder / "headway.duckdb")
    folder.chmod(0o555)
    process = begin(folder, "scan", under=under_permissions())
    _, errors = process.communicate(timeout=PATIENCE)
    folder.chmod(0o755)
    assert process.returncode == 1
    assert "Permission denied" in errors
    assert "make the file writable" in errors
    assert story(folder / "headway.duckdb") == before


def test_a_folder_at_the_path_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "headway.duckdb").mkdir()
    with (
        pytest.raises(HeadwayError, match=r"headway\.duckdb"),
        next_version(tmp_path / "headway.duckdb", NOW),
    ):
        pass
    with (
        pytest.raises(HeadwayError, match=r"headway\.duckdb"),
        open_store(tmp_path / "headway.duckdb"),
    ):
        pass


def test_a_query_that_takes_too_long_is_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_QUERY_SECONDS", 0.2)
    with open_store(folder / "headway.duckdb") as opened:
        with pytest.raises(QueryError, match=r"the query took longer than 0\.2 s"):
            opened.query("SELECT sum(a.range * b.range) FROM range(9999999) a, range(9999999) b")
        assert opened.query("SELECT 1")[1] == [(1,)]


def test_a_query_that_needs_too_much_memory_is_stopped_and_leaves_no_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with open_store(folder / "headway.duckdb", memory="50MB") as opened:
        with pytest.raises(
            QueryError, match=r"Out of Memory|could not allocate|failed to allocate"
        ):
            opened.query("SELECT list(hash(range)) FROM range(9999999)")
        assert opened.query("SELECT 1")[1] == [(1,)]
    assert sorted(tmp_path.rglob("*")) == before


def test_data_that_does_not_fit_into_memory_is_spilled_beside_the_store(folder: Path) -> None:
    sql = "SELECT count(*) FROM (SELECT DISTINCT range, hash(range) FROM range(3000000))"
    before = sorted(folder.iterdir())
    with open_store(folder / "headway.duckdb", memory="50MB") as opened:
        assert opened.query(sql)[1] == [(3_000_000,)]
        (spilled,) = set(folder.iterdir()) - set(before)
        assert spilled.name.startswith("headway.duckdb.tmp-")
    assert sorted(folder.iterdir()) == before


@pytest.mark.fault(6)
def test_a_disk_without_space_for_a_copy_of_the_store(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    store = folder / "headway.duckdb"
    before = store.read_bytes()
    monkeypatch.setattr("shutil.copy", full)
    message = r"No space left on device.*free some disk space"
    with pytest.raises(StoreWriteError, match=message), next_version(store, NOW):
        pass
    assert store.read_bytes() == before
