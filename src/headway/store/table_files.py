"""Write the tables of a store to Parquet files."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict

from headway.store.sql_expressions import quoted_path


class TableFile(BaseModel):
    """One file in the manifest of an export."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    rows: int
    sha256: str
    """The SHA-256 hash of the file, as hexadecimal digits."""
    content: str | None = None
    """A fingerprint of the rows in any order, or None in exports from older versions."""


def tables_of(connection: duckdb.DuckDBPyConnection) -> Sequence[str]:
    """Return the names of the store's tables without the log of migrations, sorted."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'"
        " AND table_name <> 'schema_version' ORDER BY table_name"
    ).fetchall()
    return [row[0] for row in rows]


def write_tables(
    connections: Sequence[duckdb.DuckDBPyConnection],
    folder: Path,
    earlier_folder: Path,
    earlier: Mapping[str, TableFile],
) -> dict[str, TableFile]:
    """Write each table to a file, or link the file of an earlier export with the same rows.

    Args:
        connections: Connections to the store, which work at the same time.
        folder: The folder of the files.
        earlier_folder: The folder of the earlier export.
        earlier: The files of the earlier export by table.

    Returns:
        The files by table.

    Raises:
        OSError, duckdb.Error: A file could not be written.
    """
    tables = tables_of(connections[0])
    # The table of openings takes longest. If it were not first, other connections would wait.
    waiting = deque(sorted(tables, key=lambda table: table != "opening"))
    files: dict[str, TableFile] = {}

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        while True:
            try:
                table = waiting.popleft()
            except IndexError:
                return
            files[table] = _write(connection, table, folder, earlier_folder, earlier.get(table))

    if len(connections) == 1:
        work(connections[0])
    else:
        with ThreadPoolExecutor(len(connections), thread_name_prefix="headway-table") as executor:
            workers = [executor.submit(work, connection) for connection in connections]
            try:
                for worker in workers:
                    worker.result()
            finally:
                waiting.clear()
    return {table: files[table] for table in tables}


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    folder: Path,
    earlier_folder: Path,
    earlier: TableFile | None,
) -> TableFile:
    file = folder / f"{table}.parquet"
    content = _content_fingerprint(connection, table)
    unchanged = earlier is not None and earlier.content == content
    if earlier is not None and unchanged and _link(earlier_folder / file.name, file):
        # The file may have been changed since the earlier export.
        if file_hash(file) == earlier.sha256:
            return earlier
        file.unlink()
    copied = connection.execute(
        f"COPY {table} TO {quoted_path(file)} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    return TableFile(rows=copied[0] if copied else 0, sha256=file_hash(file), content=content)


def _content_fingerprint(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Return a fingerprint of the rows in any order, ten times faster than writing them."""
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(hash(t)), 0), coalesce(bit_xor(hash(t)), 0) FROM {table} t"  # noqa: S608 - names of ours
    ).fetchone()
    return " ".join(map(str, row or ()))


def _link(old: Path, new: Path) -> bool:
    """Create a hard link. Return False if this is not possible."""
    try:
        os.link(old, new)
    except OSError:
        return False
    return True


def file_hash(file: Path) -> str:
    """Return the SHA-256 hash of a file, as hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
