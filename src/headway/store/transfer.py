"""Export the whole history to a folder of Parquet files, and import it from there.

Any Parquet tool can read such a folder, and a damaged store can be restored from it. An export is
written to a folder beside its destination, which then replaces the destination. The manifest lists
all files with their hashes, so that an import can reject an incomplete or modified folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from headway.errors import HeadwayError
from headway.store.atomic_update import REFUSALS, StoreWriteError, keep, replacement
from headway.store.consistency import inconsistencies
from headway.store.database import (
    StoreDamagedError,
    StoreNewerError,
    connect_to_copy,
    connect_to_fill,
    fold_log,
    is_damage,
    log_of,
    migrate,
)
from headway.store.lock import WriteLock
from headway.store.sql_expressions import quoted_path
from headway.store.table_definitions import VERSION
from headway.store.table_files import TableFile, file_hash, tables_of, write_tables

MANIFEST = "manifest.json"


class ExportError(HeadwayError):
    """An export could not be written."""

    def __init__(self, folder: Path, reason: object) -> None:
        super().__init__(
            f"the history could not be written to {folder} ({str(reason).splitlines()[0]}); "
            "the store is unchanged; free some disk space or make the folder writable, and try "
            "again."
        )


class OccupiedError(HeadwayError):
    """The destination of an export exists but is not an export."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} exists, but is not an export; move the folder away, or name another folder."
        )


class NotAnExportError(HeadwayError):
    """A folder is not an export, or was changed after it was written."""

    def __init__(self, folder: object, reason: object) -> None:
        super().__init__(
            f"{folder} cannot be imported ({str(reason).splitlines()[0]}), and the store is "
            "unchanged; name a folder that `headway export` has written."
        )


class StoreThereError(HeadwayError):
    """An import would replace an existing store."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"there is already a history at {path}; move it away, or use --replace to rename it."
        )


class _Manifest(BaseModel):
    """The manifest of an export."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    version: int
    """The version of the exported store's tables."""
    tables: dict[str, TableFile]


@dataclass(frozen=True, slots=True)
class Transfer:
    """The result of an export or import."""

    tables: int
    rows: int
    put_aside: Path | None = None
    """The new path of the store that an import replaced, or None without a previous store."""


def copy_of(store: Path) -> Path:
    """Return the path of the export that every scan writes beside a store."""
    return store.with_name(f"{store.name}.export")


def export_history(
    store: Path, folder: Path, connections: Sequence[duckdb.DuckDBPyConnection] = ()
) -> Transfer:
    """Export a whole store to a folder, and replace an earlier export.

    Files of the earlier export are reused if their rows are unchanged.

    Args:
        store: The store's file.
        folder: The folder of the export.
        connections: Connections to the store, which the function closes. Each of them exports one
            table at a time. Without connections, the function creates one.

    Raises `ExportError`, `OccupiedError` and the errors of `database.connect_to_copy`.
    """
    _recover(folder)
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise OccupiedError(folder)
    unfinished = folder.with_name(f"{folder.name}.new")
    connections = connections or [connect_to_copy(store)]
    note = note_of_export(store, os.getpid())
    try:
        with contextlib.suppress(OSError):
            note.write_bytes(os.fsencode(folder.absolute()))
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        tables = write_tables(connections, unfinished, folder, _earlier_files(folder))
        manifest = _Manifest(version=VERSION, tables=tables)
        (unfinished / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
        _replace_folder(unfinished, folder)
    except (OSError, duckdb.Error) as error:
        if isinstance(error, duckdb.Error) and is_damage(error):
            raise StoreDamagedError(store, error) from error
        raise ExportError(folder, error) from error
    finally:
        for connection in connections:
            connection.close()
        shutil.rmtree(unfinished, ignore_errors=True)
        with contextlib.suppress(OSError):
            note.unlink(missing_ok=True)
    return _transfer(manifest)


def note_of_export(store: Path, process: int) -> Path:
    """Return the path of the file that records the folder of a process's export."""
    return store.with_name(f"{store.name}.exporting-{process}")


def finish_killed_export(note: Path) -> None:
    """Delete the unfinished files of an export whose process was killed.

    Only files with the names of export files are deleted, because the note may be wrong.

    Args:
        note: The file that the export left behind. See `note_of_export`.
    """
    folder = Path(os.fsdecode(note.read_bytes()))
    _recover(folder)
    for unfinished in (folder.with_name(f"{folder.name}.new"), _before(folder)):
        with contextlib.suppress(OSError):
            for file in unfinished.iterdir():
                if file.name == MANIFEST or file.suffix == ".parquet":
                    file.unlink()
            unfinished.rmdir()
    note.unlink(missing_ok=True)


def import_history(store: Path, folder: Path, now: datetime, *, replace: bool) -> Transfer:
    """Create a store from an export.

    Args:
        store: The store's file.
        folder: The export.
        now: The time to record, in UTC.
        replace: Whether to move an existing store to `STORE.replaced`.

    Raises:
        NotAnExportError: The folder is not an export, or was changed.
        StoreThereError: The store exists, and `replace` is not set.
        StoreNewerError: A newer version of Headway wrote the export.
        StoreBusyError: Another process is writing to the store.
        StoreWriteError, CannotWriteError: The store could not be written.
    """
    _recover(folder)
    manifest = _read_manifest(folder)
    with WriteLock(store, now):
        if store.exists() and not replace:
            raise StoreThereError(store)
        with replacement(store) as new:
            try:
                _fill_store(new, folder, manifest, now)
            except REFUSALS as error:
                raise StoreWriteError(store, error) from error
            except duckdb.Error as error:
                raise NotAnExportError(folder, error) from error
            aside = _put_aside(store)
    return _transfer(manifest, aside)


def _earlier_files(folder: Path) -> dict[str, TableFile]:
    """Return the files of the earlier export, or nothing if it is unreadable or too old."""
    try:
        manifest = _read_manifest(folder)
    except HeadwayError:
        return {}
    return manifest.tables if manifest.version == VERSION else {}


def _fill(
    connection: duckdb.DuckDBPyConnection, table: str, folder: Path, described: TableFile
) -> None:
    file = folder / f"{table}.parquet"
    try:
        if file_hash(file) != described.sha256:
            raise NotAnExportError(folder, f"{file.name} has changed since it was written")
    except OSError as error:
        raise NotAnExportError(folder, f"{file.name}: {error.strerror}") from error
    source = f"read_parquet({quoted_path(file)})"
    columns = _columns(connection, table)
    if _columns(connection, source) != columns:
        raise NotAnExportError(folder, f"{file.name} does not have the columns of {table}")
    connection.execute(
        f"INSERT INTO {table} BY NAME SELECT * FROM {source}"  # noqa: S608 - names of ours
    )
    counted = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - names of ours
    if counted != (described.rows,):
        raise NotAnExportError(
            folder, f"{file.name} does not have the expected {described.rows} rows"
        )


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """Return the names of the columns of a table or table function."""
    described = connection.execute(f"SELECT * FROM {table} LIMIT 0").description  # noqa: S608 - names of ours
    return {column[0] for column in described or ()}


def _read_manifest(folder: Path) -> _Manifest:
    try:
        manifest = _Manifest.model_validate(json.loads((folder / MANIFEST).read_text("utf-8")))
    except OSError as error:
        raise NotAnExportError(folder, f"{MANIFEST}: {error.strerror}") from error
    except (ValueError, ValidationError, RecursionError) as error:
        raise NotAnExportError(folder, f"{MANIFEST} is not a valid manifest") from error
    if manifest.version > VERSION:
        raise StoreNewerError(folder, manifest.version)
    return manifest


def _replace_folder(unfinished: Path, folder: Path) -> None:
    """Replace a folder with two renames, because a single rename cannot replace it."""
    before = _before(folder)
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    try:
        unfinished.rename(folder)
    except BaseException:
        _recover(folder)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Restore the earlier export if the process was killed between the two renames."""
    if not folder.exists() and _before(folder).exists():
        _before(folder).rename(folder)


def _before(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")


def _fill_store(new: Path, folder: Path, manifest: _Manifest, now: datetime) -> None:
    connection = connect_to_fill(new, now, manifest.version)
    try:
        _check_tables(folder, set(tables_of(connection)), set(manifest.tables))
        connection.execute("BEGIN")
        for name, file in manifest.tables.items():
            _fill(connection, name, folder, file)
        connection.execute("COMMIT")
        migrate(connection, new, now)
        for problem in inconsistencies(connection):
            raise NotAnExportError(folder, problem)
        connection.execute("CHECKPOINT store")
    finally:
        connection.close()


def _check_tables(folder: Path, expected: set[str], found: set[str]) -> None:
    """Raise `NotAnExportError` unless the export has the tables of a store of its version."""
    for name in sorted(expected - found):
        raise NotAnExportError(folder, f"the table {name} is missing")
    for name in sorted(found - expected):
        raise NotAnExportError(folder, f"a store has no table named {name!r}")


def _put_aside(store: Path) -> Path | None:
    """Move aside the store that will be replaced, and its log. Return the store's new path."""
    if not store.exists():
        return None
    aside = store.with_name(f"{store.name}.replaced")
    # Merge the write-ahead log into the store. The log of a damaged store is moved away below, so
    # that DuckDB does not apply it to the new store.
    with contextlib.suppress(HeadwayError):
        fold_log(store)
    log_of(aside).unlink(missing_ok=True)
    keep(store, aside)
    with contextlib.suppress(FileNotFoundError):
        log_of(store).replace(log_of(aside))
    return aside


def _transfer(manifest: _Manifest, put_aside: Path | None = None) -> Transfer:
    rows = sum(file.rows for file in manifest.tables.values())
    return Transfer(len(manifest.tables), rows, put_aside)
