"""The whole history as a folder of plain Parquet files, and back.

Any tool can read such a folder, and a store that a disk has damaged is made anew from it. It is
written beside its place and then put there in one step; a manifest tells what belongs to it and
what each file must be, so that a folder that was changed or cut short is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
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
from headway.store.atomic_update import StoreWriteError, keep, replacement
from headway.store.database import (
    StoreNewerError,
    connect_to_copy,
    connect_to_fill,
    fold_log,
    log_of,
    migrate,
    quoted_path,
)
from headway.store.lock import WriteLock
from headway.store.table_definitions import VERSION

MANIFEST = "manifest.json"


class ExportError(HeadwayError):
    """The folder could not be written."""

    def __init__(self, folder: Path, reason: object) -> None:
        super().__init__(
            f"the history could not be written to {folder} ({str(reason).splitlines()[0]}); "
            "the store itself is as it was: make room or make it writable, and try again."
        )


class OccupiedError(HeadwayError):
    """There is something in the place of an export that is not one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} is there and is no export; move it away, or name another folder."
        )


class NotAnExportError(HeadwayError):
    """This is no folder that `headway export` has written, or no longer what it wrote."""

    def __init__(self, folder: Path, reason: object) -> None:
        super().__init__(
            f"{folder} cannot be imported ({str(reason).splitlines()[0]}); "
            "nothing was changed: name a folder that `headway export` has written."
        )


class StoreThereError(HeadwayError):
    """An import would take the place of a history."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is a history at {path} already; give --replace to put it aside, "
            "or move it away."
        )


class _File(BaseModel):
    """content: of the rows themselves, whatever their order; None where it was not noted."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rows: int
    sha256: str
    content: str | None = None


class _Manifest(BaseModel):
    """version: of the store that the rows come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int
    tables: dict[str, _File]


@dataclass(frozen=True, slots=True)
class Transfer:
    """What was carried over. put_aside: where the history that was there before lies now."""

    tables: int
    rows: int
    put_aside: Path | None = None


def copy_of(store: Path) -> Path:
    """The folder beside a store that holds its history as of the last scan."""
    return store.with_name(f"{store.name}.export")


def export_history(store: Path, folder: Path) -> Transfer:
    """Writes everything in the store to `folder`, in the place of an export that is there.

    Files of that one whose rows are still the same are taken over. Raises `ExportError`,
    `OccupiedError` and what `database.connect_to_copy` raises.
    """
    _recover(folder)
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise OccupiedError(folder)
    unfinished = folder.with_name(f"{folder.name}.new")
    connection = connect_to_copy(store)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        before = _written_before(folder)
        tables = {
            name: _write(connection, name, unfinished, folder, before.get(name))
            for name in _tables(connection)
        }
        manifest = _Manifest(version=VERSION, tables=tables)
        (unfinished / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
        _put(unfinished, folder)
    except (OSError, duckdb.Error) as error:
        raise ExportError(folder, error) from error
    finally:
        connection.close()
        shutil.rmtree(unfinished, ignore_errors=True)
    return _sum(manifest)


def import_history(store: Path, folder: Path, now: datetime, *, replace: bool) -> Transfer:
    """Makes a store of what `export_history` wrote.

    replace: put a history that is there aside, to `STORE.replaced`. Raises `NotAnExportError`,
    `StoreThereError`, `StoreNewerError`, `StoreBusyError`, `CannotWriteError`.
    """
    _recover(folder)
    manifest = _read_manifest(folder)
    with WriteLock(store, now):
        if store.exists() and not replace:
            raise StoreThereError(store)
        with replacement(store) as new:
            try:
                _make(new, folder, manifest, now)
            except duckdb.IOException as error:
                raise StoreWriteError(store, error) from error
            except duckdb.Error as error:
                raise NotAnExportError(folder, error) from error
            aside = _put_aside(store)
    done = _sum(manifest)
    return Transfer(done.tables, done.rows, aside)


def _tables(connection: duckdb.DuckDBPyConnection) -> Sequence[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'"
        " AND table_name <> 'schema_version' ORDER BY table_name"
    ).fetchall()
    return [row[0] for row in rows]


def _written_before(folder: Path) -> dict[str, _File]:
    """What the last export holds; nothing where it is of another version, or cannot be read."""
    try:
        manifest = _read_manifest(folder)
    except HeadwayError:
        return {}
    return manifest.tables if manifest.version == VERSION else {}


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    folder: Path,
    last: Path,
    before: _File | None,
) -> _File:
    file = folder / f"{table}.parquet"
    content = _content(connection, table)
    if before is not None and before.content == content and _take_over(last / file.name, file):
        # it may have become another since: then it is of no use
        if _digest(file) == before.sha256:
            return before
        file.unlink()
    done = connection.execute(
        f"COPY {table} TO {quoted_path(file)} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    return _File(rows=done[0] if done else 0, sha256=_digest(file), content=content)


def _content(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Two tables with the same have the same rows; takes a tenth of the time of writing them."""
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(hash(t)), 0), coalesce(bit_xor(hash(t)), 0) FROM {table} t"  # noqa: S608 - names of ours
    ).fetchone()
    return " ".join(map(str, row or ()))


def _take_over(old: Path, new: Path) -> bool:
    """The same file under another name; False where that cannot be."""
    try:
        os.link(old, new)
    except OSError:
        return False
    return True


def _fill(
    connection: duckdb.DuckDBPyConnection, table: str, folder: Path, described: _File
) -> None:
    file = folder / f"{table}.parquet"
    try:
        if _digest(file) != described.sha256:
            raise NotAnExportError(folder, f"{file.name} is not what was written")
    except OSError as error:
        raise NotAnExportError(folder, f"{file.name}: {error.strerror}") from error
    if table not in _tables(connection):
        raise NotAnExportError(folder, f"there is no table {table!r} in a store")
    connection.execute(
        f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet({quoted_path(file)})"  # noqa: S608 - names of ours
    )
    counted = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - names of ours
    if counted != (described.rows,):
        raise NotAnExportError(folder, f"{file.name} does not hold {described.rows} rows")


def _read_manifest(folder: Path) -> _Manifest:
    try:
        manifest = _Manifest.model_validate(json.loads((folder / MANIFEST).read_text("utf-8")))
    except OSError as error:
        raise NotAnExportError(folder, f"{MANIFEST}: {error.strerror}") from error
    except (ValueError, ValidationError) as error:
        raise NotAnExportError(folder, f"{MANIFEST} is not what was written") from error
    if manifest.version > VERSION:
        raise StoreNewerError(folder, manifest.version)
    return manifest


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _put(unfinished: Path, folder: Path) -> None:
    """In the place of what is there; a folder cannot be replaced in one step, so two are moved."""
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
    """Puts back what was moved away for an export that then never came."""
    if not folder.exists() and _before(folder).exists():
        _before(folder).rename(folder)


def _before(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")


def _make(new: Path, folder: Path, manifest: _Manifest, now: datetime) -> None:
    connection = connect_to_fill(new, now, manifest.version)
    try:
        connection.execute("BEGIN")
        for name, file in manifest.tables.items():
            _fill(connection, name, folder, file)
        connection.execute("COMMIT")
        migrate(connection, new, now)
        connection.execute("CHECKPOINT store")
    finally:
        connection.close()


def _put_aside(store: Path) -> Path | None:
    """Keeps the store that is about to be replaced, with its log, without which it is not whole."""
    if not store.exists():
        return None
    aside = store.with_name(f"{store.name}.replaced")
    # a store that cannot be opened any more keeps its log, which the new one must not find
    with contextlib.suppress(HeadwayError):
        fold_log(store)
    log_of(aside).unlink(missing_ok=True)
    keep(store, aside)
    with contextlib.suppress(FileNotFoundError):
        log_of(store).replace(log_of(aside))
    return aside


def _sum(manifest: _Manifest) -> Transfer:
    return Transfer(len(manifest.tables), sum(it.rows for it in manifest.tables.values()))
