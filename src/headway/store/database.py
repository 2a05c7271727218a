"""Opening a store: the file, its version, and what is said when it cannot be had."""

from __future__ import annotations

import os
import re
from datetime import datetime
from itertools import count
from pathlib import Path

import duckdb

from headway.errors import CannotWriteError, HeadwayError
from headway.store.lock import StoreBusyError
from headway.store.table_definitions import MIGRATIONS, VERSION, VIEWS

_STORAGE_VERSION = "v1.4.0"
"""The oldest DuckDB that can open our files, so that people's own tools can."""


_DAMAGED = re.compile(r"checksum|corrupt|deserializ", re.IGNORECASE)
_DAMAGES = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)

READING_MEMORY = "4GB"
_numbers = count()


class StoreMissingError(HeadwayError):
    """There is nothing to read yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no history at {path} yet; run `headway scan` first.")


class StoreNewerError(HeadwayError):
    """A newer Headway has written this store; this one leaves it alone."""

    def __init__(self, path: Path, found: int) -> None:
        super().__init__(
            f"{path} has store version {found}, and this Headway knows versions up to {VERSION}; "
            "it was left untouched: upgrade Headway."
        )


class StoreDamagedError(HeadwayError):
    """The file cannot be read as what it should be."""

    def __init__(self, path: Path, reason: object) -> None:
        self.reason = reason
        said = str(reason).splitlines()[0] if str(reason) else "unknown"
        copy = path.with_name(f"{path.name}.export")
        restore = (
            f"`headway import --replace {copy}` makes it anew from the copy of the last scan."
            if copy.is_dir()
            else "move it away and run `headway scan`: histories are computed again from git."
        )
        super().__init__(f"{path} cannot be read ({said}); {restore}")


def connect_to_fill(
    path: Path, now: datetime, version: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a store of a version, made or migrated where needed; None is today's.

    Only for a file that nobody knows yet: see `replacing`. Raises `CannotWriteError` and what
    DuckDB raises.
    """
    connection = _connect(spill_of(path))
    _attach(connection, path, f"(STORAGE_VERSION '{_STORAGE_VERSION}')")
    try:
        migrate(connection, path, now, version)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(
    path: Path, memory: str = READING_MEMORY, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection that can change nothing, reach no file and no network.

    memory: as SQL writes it, such as 4GB. threads: None for one on each processor. Raises
    `StoreMissingError`, `StoreNewerError`, `StoreDamagedError`, `StoreBusyError`.
    """
    connection = connect_to_copy(path)
    connection.execute(f"SET memory_limit = '{memory}'")
    if threads is not None:
        connection.execute(f"SET threads = {threads}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET lock_configuration = true")
    return connection


def connect_to_copy(path: Path, *, empty: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection that can change nothing in the store, but may write other files.

    What does not fit into its memory goes beside the store for as long as it is open.

    empty: take also a file without our tables. Raises as `connect_to_read` does.
    """
    if not path.exists():
        raise StoreMissingError(path)
    # of its own: whoever ends first takes all that is in there away
    spill = path.with_name(f"{path.name}.tmp-{os.getpid()}-{next(_numbers)}")
    connection = _connect(spill)
    _attach(connection, path, "(READ_ONLY)")
    try:
        found = version_of(connection)
        if found > VERSION:
            raise StoreNewerError(path, found)
        if found == 0 and not empty:
            raise StoreMissingError(path)
    except duckdb.Error as error:
        connection.close()
        raise StoreDamagedError(path, error) from error
    except HeadwayError:
        connection.close()
        raise
    return connection


def log_of(path: Path) -> Path:
    """Where DuckDB keeps what it has not yet put into the file itself."""
    return path.with_name(f"{path.name}.wal")


def spill_of(path: Path) -> Path:
    """Where DuckDB puts what does not fit into memory."""
    return path.with_name(f"{path.name}.tmp")


def fold_log(path: Path) -> None:
    """Puts what is in the log of a store, if there is one, into the store.

    Scans leave none; somebody's own tool may have. Call it only under `lock.WriteLock`. Raises
    `StoreDamagedError`, `StoreBusyError` and `CannotWriteError`.
    """
    if not log_of(path).exists():
        return
    connection = _connect()
    _attach(connection, path, "")
    try:
        connection.execute("CHECKPOINT store")
    except duckdb.Error as error:
        raise StoreDamagedError(path, error) from error
    finally:
        connection.close()
    # one in which nothing was whole is left as it was
    log_of(path).unlink(missing_ok=True)


def is_damage(error: duckdb.Error) -> bool:
    """Whether the file does not hold what it should; its class alone does not tell."""
    return isinstance(error, _DAMAGES) or bool(_DAMAGED.search(str(error)))


def quoted_path(path: Path) -> str:
    """A path as SQL writes it."""
    return "'" + str(path).replace("'", "''") + "'"


def _connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """spill: a folder for what does not fit into memory; None lets nothing be written.

    An empty database to attach to: only ATTACH takes a storage version.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spill or ""),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=settings)


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, options: str) -> None:
    try:
        connection.execute(f"ATTACH {quoted_path(path)} AS store {options}")
        connection.execute("USE store")
    except duckdb.Error as error:
        connection.close()
        message = str(error)
        if "lock" in message.lower() and "Conflicting" in message:
            # no scan of ours: they write to copies, and `lock` names them
            process = re.search(r"PID (\d+)", message)
            named = f"process {process[1]}" if process else "another process"
            raise StoreBusyError(path, named) from error
        if "Permission denied" in message or "Cannot open file" in message:
            raise CannotWriteError(path, message.splitlines()[0]) from error
        raise StoreDamagedError(path, error) from error


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """0 for a file without our tables, such as one whose first migration never committed."""
    there = connection.execute(
        "SELECT count(*) FROM duckdb_tables()"
        " WHERE database_name = 'store' AND table_name = 'schema_version'"
    ).fetchone()
    if not there or not there[0]:
        return 0
    row = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def migrate(
    connection: duckdb.DuckDBPyConnection, path: Path, now: datetime, target: int | None = None
) -> None:
    """All missing steps in one transaction: the store is of the old version or the new one.

    target: the version to stop at; None goes to today's.
    """
    target = VERSION if target is None else target
    found = version_of(connection)
    if found > VERSION:
        connection.close()
        raise StoreNewerError(path, found)
    if found >= target:
        return
    connection.execute("BEGIN")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_version"
        " (version INTEGER, name VARCHAR, applied_at TIMESTAMP)"
    )
    for migration in MIGRATIONS:
        if found < migration.version <= target:
            connection.execute(migration.statements)
            connection.execute(
                "INSERT INTO schema_version VALUES (?, ?, ?)",
                [migration.version, migration.name, now.replace(tzinfo=None)],
            )
    if target == VERSION:
        connection.execute(VIEWS)
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT store")
