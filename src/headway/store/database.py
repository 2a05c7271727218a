"""Connect to the store's file, check the version of its tables, and migrate them."""

from __future__ import annotations

import os
import re
import stat
from datetime import datetime
from itertools import count
from pathlib import Path

import duckdb

from headway.errors import CannotReadError, CannotWriteError, HeadwayError
from headway.store import seal
from headway.store.lock import StoreBusyError
from headway.store.sql_expressions import quoted_name, quoted_path
from headway.store.table_definitions import MIGRATIONS, VERSION
from headway.store.views import VIEWS

_STORAGE_VERSION = "v1.4.0"
"""The version of DuckDB's file format. Older tools could not read a later version."""

_DAMAGED = re.compile(
    r"checksum|corrupt|deserializ|could not read|not a valid DuckDB|not recognized by this version",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"Permission denied|Cannot open file|Could not write|No space left on device|File too large"
)
_DAMAGES = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
_CONFLICTS = (duckdb.CatalogException, duckdb.BinderException)
"""DuckDB's errors if another program's tables have Headway's table names but other columns."""

READING_MEMORY = "4GB"
"""The default memory limit of a reading connection, in SQL syntax."""

_numbers = count()


class StoreMissingError(HeadwayError):
    """The store does not exist, or no scan has been written to it."""

    def __init__(self, path: object) -> None:
        super().__init__(f"there is no history at {path} yet; run `headway scan` first.")


class StoreNewerError(HeadwayError):
    """A newer version of Headway wrote the store."""

    def __init__(self, path: object, found: int) -> None:
        self.found = found
        super().__init__(
            f"{path} has store version {found}, but this version of Headway supports only versions "
            f"up to {VERSION}; the store was not changed; upgrade Headway."
        )


class StoreOlderError(HeadwayError):
    """An older version of Headway wrote the store, and no scan has migrated it yet."""

    def __init__(self, path: object, found: int) -> None:
        self.found = found
        super().__init__(
            f"{path} has store version {found}, and this version of Headway reads version "
            f"{VERSION}; run `headway scan`, which migrates the store."
        )


class StoreNotAFileError(HeadwayError):
    """The path of the store is a folder, a pipe or a device."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not a regular file; move it away, or set another `path` under [store] in "
            "headway.toml."
        )


class StoreForeignError(HeadwayError):
    """The file at the store's path is the database of another program."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path} is the database of another program; move it away, or set another `path` under "
            "[store] in headway.toml."
        )


class StoreDamagedError(HeadwayError):
    """The file is damaged, or is not a store."""

    def __init__(self, path: Path, reason: object) -> None:
        self.reason = reason
        message = str(reason).splitlines()[0] if str(reason) else "unknown"
        copy = path.with_name(f"{path.name}.export")
        restore = (
            f"`headway import --replace {copy}` restores the store from the last export."
            if copy.is_dir()
            else "move the file away, and run `headway scan` to compute the history from git again."
        )
        super().__init__(f"{path} cannot be read ({message}); {restore}")


def connect_to_fill(
    path: Path,
    now: datetime,
    version: int | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> duckdb.DuckDBPyConnection:
    """Connect to a store for writing, and create or migrate it if necessary.

    Use this function only for a file that no other process uses. See `atomic_update`.

    Args:
        path: The store's file.
        now: The time to record for migrations, in UTC.
        version: The version to create or migrate to. None means the current version.
        connection: A connection to another store, which is reused, because a new connection takes
            15 ms. None means that a new connection is created.

    Raises:
        CannotWriteError: The file cannot be written.
        StoreBusyError: Another program has opened the file.
        StoreDamagedError: The file is damaged, or is not a database.
        StoreForeignError: Tables of another program have the names of Headway's tables.
        StoreNewerError: A newer version of Headway wrote the store.
        duckdb.Error: DuckDB reports another error.
    """
    if connection is None:
        connection = _connect(spill_of(path))
    else:
        connection.execute("USE memory")
        connection.execute("DETACH store")
    _attach(connection, path, f"(STORAGE_VERSION '{_STORAGE_VERSION}')")
    try:
        migrate(connection, path, now, version)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(
    path: Path,
    memory: str = READING_MEMORY,
    threads: int | None = None,
    *,
    writes_files: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Connect read-only, by default without access to other files or to the network.

    Args:
        path: The store's file.
        memory: The memory limit in SQL syntax, such as 4GB.
        threads: The number of threads. None means one per processor.
        writes_files: Whether the connection may write other files, such as an export.

    Raises:
        StoreMissingError: The store does not exist, or no scan has been written to it.
        StoreOlderError: An older version of Headway wrote the store.
        StoreNewerError: A newer version of Headway wrote the store.
        StoreForeignError: The file is the database of another program.
        StoreDamagedError: The file is damaged, or is not a database.
        StoreBusyError: Another program is writing to the file.
        StoreNotAFileError, CannotReadError: The file cannot be read.
    """
    connection = connect_to_copy(path)
    found = version_of(connection)
    if found < VERSION:
        connection.close()
        raise StoreOlderError(path, found)
    connection.execute(f"SET memory_limit = '{memory}'")
    if threads is not None:
        connection.execute(f"SET threads = {threads}")
    if writes_files:
        return connection
    connection.execute("SET enable_external_access = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET lock_configuration = true")
    return connection


def connect_to_copy(
    path: Path, *, empty: bool = False, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Connect read-only to the store, with permission to write other files.

    Args:
        path: The store's file.
        empty: Whether to accept a file without Headway's tables.
        spill: The folder for data that does not fit in memory. None means a folder beside the store
            that exists only while the connection is open.

    Raises the same errors as `connect_to_read`, except `StoreOlderError`.
    """
    if not exists(path):
        raise StoreMissingError(path)
    if spill is None:
        # Each connection needs a separate folder, because DuckDB removes the folder when the
        # connection ends.
        spill = path.with_name(f"{path.name}.tmp-{os.getpid()}-{next(_numbers)}")
    connection = _connect(spill)
    _attach(connection, path, "(READ_ONLY)")
    try:
        found = _own_version_of(connection, path)
        if found > VERSION:
            raise StoreNewerError(path, found)
        if found == 0 and not empty:
            raise StoreMissingError(path)
        if seal.is_short(path):
            read_everything(connection)
    except duckdb.Error as error:
        connection.close()
        raise StoreDamagedError(path, error) from error
    except HeadwayError:
        connection.close()
        raise
    return connection


def exists(path: Path) -> bool:
    """Return whether the store's file exists. Check that it can be read.

    Raises:
        CannotReadError: The file cannot be read.
        StoreNotAFileError: The path is not a file.
        StoreDamagedError: The file does not contain the blocks that Headway wrote.
    """
    try:
        # Opening a pipe would wait for a writer.
        if not stat.S_ISREG(path.stat().st_mode):
            raise StoreNotAFileError(path)
        seal.verify(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CannotReadError(path, error.strerror or error) from error
    except seal.BlocksMovedError as error:
        raise StoreDamagedError(path, error) from error
    return True


def read_everything(connection: duckdb.DuckDBPyConnection) -> None:
    """Read all rows of the store. Raises `duckdb.Error` if some blocks are missing."""
    for table in table_names(connection):
        connection.execute(f"SELECT bit_xor(hash(t)) FROM {table} t").fetchone()  # noqa: S608 - quoted


def table_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the quoted names of the store's tables, sorted."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'store' ORDER BY table_name"
    ).fetchall()
    return [quoted_name(row[0]) for row in rows]


def log_of(path: Path) -> Path:
    """Return the path of DuckDB's write-ahead log for a database file."""
    return path.with_name(f"{path.name}.wal")


def spill_of(path: Path) -> Path:
    """Return the folder for DuckDB's data that does not fit in memory."""
    return path.with_name(f"{path.name}.tmp")


def fold_log(path: Path) -> None:
    """Move the contents of a store's write-ahead log into the store.

    Scans leave no log behind, but other tools can. Call this function only while holding
    `lock.WriteLock`. Raises `StoreDamagedError`, `StoreBusyError` and `CannotWriteError`.
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
    # DuckDB does not delete a log without a complete transaction.
    log_of(path).unlink(missing_ok=True)


def is_damage(error: duckdb.Error) -> bool:
    """Return whether an error means that the file is damaged.

    Some classes of errors always mean this. For other classes, the message decides.
    """
    return isinstance(error, _DAMAGES) or names_damage(error)


def names_damage(error: duckdb.Error) -> bool:
    """Return whether the message of an error reports damaged data.

    A `duckdb.FatalException` with another message can also come from a failed write.
    """
    return bool(_DAMAGED.search(str(error)))


def _connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Create an empty in-memory database to which a store can be attached.

    The store must be attached, because only ATTACH accepts a storage version.

    Args:
        spill: The folder for data that does not fit in memory, or None.
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
            # The other process is not a scan, because scans write to copies, and `lock` reports
            # concurrent scans.
            process = re.search(r"PID (\d+)", message)
            named = f"process {process[1]}" if process else "another process"
            raise StoreBusyError(path, named) from error
        if _REFUSED.search(message):
            refused = CannotReadError if "READ_ONLY" in options else CannotWriteError
            raise refused(path, message.splitlines()[0]) from error
        raise StoreDamagedError(path, error) from error


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the version of the tables, or 0 for a file without Headway's tables."""
    try:
        # Listing the tables first would take ten times as long in a new connection.
        row = connection.execute("SELECT max(version) FROM store.main.schema_version").fetchone()
    except duckdb.CatalogException:
        return 0
    return int(row[0]) if row and row[0] is not None else 0


def _own_version_of(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the version of the tables. Raises `StoreForeignError` if they are not Headway's."""
    try:
        return version_of(connection)
    except _CONFLICTS as error:
        raise StoreForeignError(path) from error


def migrate(
    connection: duckdb.DuckDBPyConnection, path: Path, now: datetime, target: int | None = None
) -> None:
    """Apply all missing migrations in one transaction.

    Args:
        connection: A connection to the store.
        path: The store's file, for error messages.
        now: The time to record for the migrations, in UTC.
        target: The version at which to stop. None means the current version.

    Raises:
        StoreNewerError: A newer version of Headway wrote the store.
        StoreForeignError: Tables of another program have the names of Headway's tables.
    """
    target = VERSION if target is None else target
    found = _own_version_of(connection, path)
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
    missing = [entry for entry in MIGRATIONS if found < entry.version <= target]
    for migration in missing:
        try:
            connection.execute(migration.statements)
        except _CONFLICTS as error:
            if found:
                raise
            raise StoreForeignError(path) from error
    applied_at = now.replace(tzinfo=None)
    connection.execute(
        f"INSERT INTO schema_version VALUES {', '.join(['(?, ?, ?)'] * len(missing))}",  # noqa: S608 - marks
        [value for entry in missing for value in (entry.version, entry.name, applied_at)],
    )
    if target == VERSION:
        connection.execute(VIEWS)
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT store")
