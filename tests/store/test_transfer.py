"""The history can be exported to Parquet files and imported from them."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from headway.store import background_export
from headway.store.database import StoreNewerError
from headway.store.lock import StoreBusyError, WriteLock
from headway.store.transfer import (
    MANIFEST,
    ExportError,
    NotAnExportError,
    OccupiedError,
    StoreThereError,
    Transfer,
    export_history,
    import_history,
)
from tests.support.git import Repo
from tests.support.processes import PATIENCE, begin
from tests.support.programs import strace
from tests.support.story import scan_days
from tests.support.workspaces import headway, rows, scan, workspace

NOW = datetime(2020, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = workspace(tmp_path_factory.mktemp("scanned"))
    repo = Repo(made / "clones" / "shop")
    repo.commit("2020-02-10", {"a.py": "import six\n", "ü.py": "import six  # ü\n"})
    repo.commit("2020-02-11", {"a.py": None})
    scan(made, date(2020, 3, 2))
    return made


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path / "o'brien", symlinks=True)


def dump(store: Path) -> dict[str, list[object]]:
    """Return the rows of all tables except the schema version."""
    with duckdb.connect(store, read_only=True) as connection:
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE table_name <> 'schema_version'"
        ).fetchall()
        return {
            name: sorted(connection.execute(f'FROM "{name}"').fetchall(), key=repr)
            for (name,) in names
        }


def test_export_and_import_preserve_everything(folder: Path) -> None:
    before, items = dump(folder / "headway.duckdb"), rows(folder, "items", "--state", "all")
    assert any(before.values())
    headway(folder, "export", str(folder / "out"))
    (folder / "headway.duckdb").unlink()
    headway(folder, "import", str(folder / "out"))
    assert dump(folder / "headway.duckdb") == before
    assert rows(folder, "items", "--state", "all") == items
    again = scan(folder, date(2020, 3, 2))
    assert again.unchanged == again.repositories


def test_any_tool_can_read_an_export(folder: Path) -> None:
    export_history(folder / "headway.duckdb", folder / "out")
    file = str(folder / "out" / "opening.parquet")
    assert duckdb.read_parquet(file).aggregate("count(*)").fetchall() == [(2,)]


def test_a_scan_keeps_a_copy_beside_the_store(folder: Path) -> None:
    headway(folder, "scan", "--today", "2020-03-03", "--jobs", "1")
    before = dump(folder / "headway.duckdb")
    (folder / "headway.duckdb").write_bytes(b"\0" * 4096)
    message = headway(folder, "status", code=1).stderr
    assert f"headway import --replace {folder / 'headway.duckdb.export'}" in message
    headway(folder, "import", "--replace", str(folder / "headway.duckdb.export"))
    assert dump(folder / "headway.duckdb") == before
    assert (folder / "headway.duckdb.replaced").read_bytes() == b"\0" * 4096


def test_import_does_not_overwrite_a_store(folder: Path) -> None:
    export_history(folder / "headway.duckdb", folder / "out")
    before = (folder / "headway.duckdb").read_bytes()
    with pytest.raises(StoreThereError, match="--replace"):
        import_history(folder / "headway.duckdb", folder / "out", NOW, replace=False)
    assert (folder / "headway.duckdb").read_bytes() == before


def test_an_export_replaces_the_previous_one(folder: Path) -> None:
    export_history(folder / "headway.duckdb", folder / "out")
    (folder / "out" / "stray.parquet").write_bytes(b"")
    export_history(folder / "headway.duckdb", folder / "out")
    assert not (folder / "out" / "stray.parquet").exists()
    assert sorted(path.name for path in folder.glob("out*")) == ["out"]


def test_a_folder_that_is_not_an_export_is_not_changed(folder: Path) -> None:
    with pytest.raises(OccupiedError, match="is not an export"):
        export_history(folder / "headway.duckdb", folder / "clones")
    assert (folder / "clones" / "shop").is_dir()


@pytest.mark.fault(5)
@pytest.mark.parametrize("harm", ["changed", "cut", "missing", "manifest", "deep", "foreign"])
def test_a_damaged_export_changes_nothing(folder: Path, harm: str) -> None:
    store, out = folder / "headway.duckdb", folder / "out"
    export_history(store, out)
    before = store.read_bytes()
    file = out / "opening.parquet"
    content = bytearray(file.read_bytes())
    if harm == "changed":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif harm == "cut":
        file.write_bytes(content[:-9])
    elif harm == "missing":
        file.unlink()
    elif harm == "manifest":
        (out / MANIFEST).write_text("{}")
    elif harm == "deep":
        (out / MANIFEST).write_text("[" * 100_000)
    else:
        manifest = json.loads((out / MANIFEST).read_text())
        manifest["tables"]["opening; DROP TABLE scan"] = manifest["tables"].pop("scan")
        (out / MANIFEST).write_text(json.dumps(manifest))
        shutil.copy(out / "scan.parquet", out / "opening; DROP TABLE scan.parquet")
    with pytest.raises(NotAnExportError, match="the store is unchanged"):
        import_history(store, out, NOW, replace=True)
    assert store.read_bytes() == before
    assert not list(folder.glob("headway.duckdb.new*"))


_NULL = "ALTER TABLE opening ALTER item DROP NOT NULL; UPDATE opening SET item = NULL"
BAD_EXPORTS = {
    "INSERT INTO opening FROM opening": "2 rows of opening occur twice",
    _NULL: "NOT NULL constraint failed: opening.item",
    "UPDATE opening SET opened_on = 'infinity'": "2 rows of opening have an impossible opened_on",
    "UPDATE scan SET today = '294247-01-10'": "1 row of scan has an impossible today",
    "UPDATE opening SET versions = '['": "2 rows of opening have an invalid versions",
    "UPDATE opening SET captures = repeat('[', 2000) || repeat(']', 2000)": (
        "2 rows of opening have too deeply nested JSON in captures"
    ),
    """UPDATE opening SET versions = repeat('[1,{"a" : ', 2000) || '1' || repeat('}]', 2000)""": (
        "2 rows of opening have too deeply nested JSON in versions"
    ),
    "UPDATE opening SET repository = 'x'": "2 rows of opening have an unknown repository",
    "DELETE FROM campaign": "1 row of booking has an unknown campaign",
    "DELETE FROM rule": "1 row of definition has an unknown rule",
    "UPDATE rule SET weight = 'nan'": "1 row of rule has an impossible weight",
    "UPDATE movement SET fixed = -1": "have an impossible fixed",
    "ALTER TABLE opening DROP COLUMN text": "opening.parquet does not have the columns of opening",
    "ALTER TABLE opening ADD COLUMN more INTEGER": "does not have the columns of opening",
    "DROP TABLE movement": "the table movement is missing",
    "CREATE TABLE other (a INTEGER)": "a store has no table named 'other'",
    "ALTER TABLE scan ALTER today TYPE VARCHAR; UPDATE scan SET today = '30 February'": "30 Feb",
}
"""Changes to a store, and the reasons why an export of the changed store cannot be imported."""


@pytest.mark.fault(5)
@pytest.mark.parametrize("change", BAD_EXPORTS)
def test_an_export_is_checked_as_a_whole_before_it_replaces_anything(
    folder: Path, tmp_path: Path, change: str
) -> None:
    store, bad = folder / "headway.duckdb", tmp_path / "bad.duckdb"
    shutil.copy(store, bad)
    with duckdb.connect(bad) as connection:
        views = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        for (name,) in connection.execute(views).fetchall():
            connection.execute(f"DROP VIEW {name}")
        connection.execute(change)
    out, before = tmp_path / "out", store.read_bytes()
    export_history(bad, out)
    reason = re.escape(BAD_EXPORTS[change])
    with pytest.raises(NotAnExportError, match=f"{reason}.*the store is unchanged"):
        import_history(store, out, NOW, replace=True)
    assert store.read_bytes() == before
    assert not list(folder.glob("headway.duckdb.*[!k]"))


@pytest.mark.fault(6)
@pytest.mark.parametrize("kilobytes", [4, 100, 1000, 3000])
def test_a_full_disk_during_an_import_changes_nothing(folder: Path, kilobytes: int) -> None:
    store = folder / "headway.duckdb"
    export_history(store, folder / "out")
    before = store.read_bytes()
    under = ["prlimit", f"--fsize={kilobytes * 1000}"]
    process = begin(folder, "import", "--replace", str(folder / "out"), under=under)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    refused = r"error: (cannot write .*|.*duckdb could not be written \(.*free some disk.*)\n"
    assert re.fullmatch(refused, errors)
    assert "File too large" in errors
    assert store.read_bytes() == before
    assert not list(folder.glob("headway.duckdb.*[!k]"))


@pytest.mark.fault(11)
def test_an_export_of_a_newer_version_is_refused(folder: Path) -> None:
    export_history(folder / "headway.duckdb", folder / "out")
    manifest = json.loads((folder / "out" / MANIFEST).read_text())
    (folder / "out" / MANIFEST).write_text(json.dumps(manifest | {"version": 99}))
    with pytest.raises(StoreNewerError, match="upgrade Headway"):
        import_history(folder / "headway.duckdb", folder / "out", NOW, replace=True)


def test_import_is_refused_while_a_scan_runs(folder: Path) -> None:
    export_history(folder / "headway.duckdb", folder / "out")
    with WriteLock(folder / "headway.duckdb", NOW), pytest.raises(StoreBusyError, match="process"):
        import_history(folder / "headway.duckdb", folder / "out", NOW, replace=True)


@pytest.mark.fault(2)
def test_an_export_killed_between_its_renames_is_recovered(folder: Path) -> None:
    """A folder cannot be replaced in one step. A crash can leave only the renamed old folder."""
    store, out = folder / "headway.duckdb", folder / "out"
    export_history(store, out)
    before = dump(store)
    out.rename(folder / "out.old")
    (folder / "out.new").mkdir()
    import_history(store, out, NOW, replace=True)
    assert dump(store) == before
    out.rename(folder / "out.old")
    export_history(store, out)
    assert sorted(path.name for path in folder.glob("out*")) == ["out"]


def test_an_export_that_cannot_be_renamed_restores_the_previous_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, out = folder / "headway.duckdb", folder / "out"
    export_history(store, out)
    (out / "mark").touch()
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.name == "out.new":
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(ExportError, match="Input/output error"):
        export_history(store, out)
    assert (out / "mark").exists()
    assert sorted(path.name for path in folder.glob("out*")) == ["out"]


@pytest.mark.fault(2)
@pytest.mark.parametrize("call", ["rename", "link"])
def test_a_killed_import_keeps_the_old_store(folder: Path, call: str) -> None:
    store = folder / "headway.duckdb"
    export_history(store, folder / "out")
    scan(folder, date(2020, 3, 9))
    before = store.read_bytes()
    watched = ["-P", f"{store}.new", "-P", f"{store}.replaced"]
    quiet = ("-f", "-qq", "-o", "/dev/null")
    under = strace(*quiet, *watched, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL")
    process = begin(folder, "import", "--replace", str(folder / "out"), under=under)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -9
    assert store.read_bytes() == before
    headway(folder, "import", "--replace", str(folder / "out"))
    assert scan_days(store) == [date(2020, 3, 2)]
    assert not list(folder.glob("headway.duckdb.new*"))


def test_the_log_of_a_replaced_store_is_kept_with_it(folder: Path) -> None:
    store = folder / "headway.duckdb"
    export_history(store, folder / "out")
    store.write_bytes(b"damaged" * 999)
    (folder / "headway.duckdb.wal").write_bytes(b"log")
    import_history(store, folder / "out", NOW, replace=True)
    assert not (folder / "headway.duckdb.wal").exists()
    assert (folder / "headway.duckdb.replaced.wal").read_bytes() == b"log"
    assert scan_days(store) == [date(2020, 3, 2)]


def test_no_other_scan_starts_before_the_copy_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another scan could start, the copy could contain that scan's data."""
    store = folder / "headway.duckdb"
    seen = []

    def watched(path: Path, copy: Path, connections: list[duckdb.DuckDBPyConnection]) -> Transfer:
        with pytest.raises(StoreBusyError):
            WriteLock(store, NOW).__enter__()
        seen.append(copy)
        return export_history(path, copy, connections)

    monkeypatch.setattr(background_export, "export_history", watched)
    headway(folder, "scan", "--today", "2020-03-03", "--jobs", "1")
    assert seen == [folder / "headway.duckdb.export"]


def test_a_scan_whose_copy_cannot_be_written_succeeds_with_a_warning(folder: Path) -> None:
    (folder / "headway.duckdb.export").mkdir()
    message = headway(folder, "scan", "--today", "2020-03-03", "--jobs", "1", code=1).stderr
    assert "1 repository in scope" in message
    assert "headway.duckdb.export exists, but is not an export" in message
    assert scan_days(folder / "headway.duckdb") == [date(2020, 3, 2), date(2020, 3, 3)]


def test_an_export_that_cannot_be_written_keeps_the_previous_one(folder: Path) -> None:
    store, out = folder / "headway.duckdb", folder / "out"
    export_history(store, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    # Put a file at the path of the unfinished export.
    (folder / "out.new").write_bytes(b"")
    with pytest.raises(ExportError, match="could not be written"):
        export_history(store, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_unchanged_files_are_reused_from_the_previous_export(folder: Path) -> None:
    store, out = folder / "headway.duckdb", folder / "out"
    scan(folder, date(2020, 3, 2))  # records the paths of the copied repositories
    export_history(store, out)
    files = {file.name: file.stat().st_ino for file in out.glob("*.parquet")}
    (out / "cursor.parquet").write_bytes(b"damaged")
    scan(folder, date(2020, 3, 2))
    export_history(store, out)
    now = {file.name: file.stat().st_ino for file in out.glob("*.parquet")}
    assert {name for name, place in files.items() if now[name] != place} == {
        "cursor.parquet",
        "scan.parquet",
    }
    import_history(folder / "again.duckdb", out, NOW, replace=False)
    assert dump(folder / "again.duckdb") == dump(store)
