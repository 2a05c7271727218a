"""Read a store through queries that are grouped by subject."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from sys import getsizeof
from typing import Any

import duckdb

from headway.errors import HeadwayError
from headway.store.campaign_tables import CampaignTables
from headway.store.change_tables import ChangeTables
from headway.store.database import (
    READING_MEMORY,
    StoreDamagedError,
    StoreMissingError,
    connect_to_read,
    is_damage,
)
from headway.store.exemption_tables import ExemptionTables
from headway.store.gap_tables import GapTables
from headway.store.item_tables import ItemTables
from headway.store.ledger_tables import LedgerTables
from headway.store.match_tables import MatchTables
from headway.store.ownership_tables import OwnershipTables
from headway.store.repository_tables import RepositoryTables
from headway.store.row_fingerprints import RowFingerprints
from headway.store.scan_tables import ScanTables
from headway.store.scope_tables import ScopeTables
from headway.store.state_tables import StateTables
from headway.store.walk_tables import WalkTables

_QUERY_SECONDS = 60.0
_RESULT_BYTES = 1_000_000_000
"""The maximum memory for the rows of a user's query, in bytes."""
_ROWS_AT_A_TIME = 10_000


class QueryError(HeadwayError):
    """A user's SQL query failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the query failed: {reason.splitlines()[0] if reason else 'no reason given'}; "
            "`headway query --views` lists the views and their columns."
        )


class Store:
    """A store opened for reading. Each attribute contains the queries about one subject."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.campaigns = CampaignTables(connection)
        self.repositories = RepositoryTables(connection)
        self.scope = ScopeTables(connection)
        self.items = ItemTables(connection)
        self.changes = ChangeTables(connection)
        self.walks = WalkTables(connection)
        self.matches = MatchTables(connection)
        self.gaps = GapTables(connection)
        self.ledger = LedgerTables(connection)
        self.states = StateTables(connection)
        self.ownership = OwnershipTables(connection)
        self.exemptions = ExemptionTables(connection)
        self.scans = ScanTables(connection)
        self.fingerprints = RowFingerprints(connection)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return another connection to this store, for use in another thread."""
        cursor = self._connection.cursor()
        cursor.execute("USE store")
        return cursor

    def query(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run the user's SQL, and return the column names and rows.

        The connection is read-only and cannot access files. Raises `QueryError` if the query fails,
        takes more than a minute, or returns too much data.
        """
        # The query runs in a thread, because DuckDB can take a long time to check for Ctrl-C.
        with ThreadPoolExecutor(1, thread_name_prefix="headway-query") as executor:
            future = executor.submit(self._run, sql)
            try:
                return future.result(_QUERY_SECONDS)
            except TimeoutError:
                self._connection.interrupt()
                raise QueryError(f"the query took longer than {_QUERY_SECONDS:g} s") from None
            except KeyboardInterrupt:
                self._connection.interrupt()
                raise

    def _run(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        try:
            result = self._connection.execute(sql)
            if result is None:
                raise QueryError("the query contains no statement")
            if result.description is None:
                return [], []
            return [column[0] for column in result.description], _fetched(result)
        except duckdb.Error as error:
            if is_damage(error):
                raise
            raise QueryError(str(error)) from error


def _fetched(result: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Return all rows of a result.

    Raises:
        QueryError: The rows need too much memory.
    """
    rows: list[tuple[Any, ...]] = []
    size = 0
    while part := result.fetchmany(_ROWS_AT_A_TIME):
        rows += part
        size += sum(getsizeof(row) + sum(map(getsizeof, row)) for row in part)
        if size > _RESULT_BYTES:
            raise QueryError(f"the result needs more than {_RESULT_BYTES:,} bytes of memory")
    return rows


@contextmanager
def open_store(
    path: Path,
    *,
    memory: str = READING_MEMORY,
    threads: int | None = None,
    writes_files: bool = False,
) -> Iterator[Store]:
    """Open a store for reading. See `connect_to_read` for the arguments.

    Raises the same errors as `connect_to_read`, `StoreMissingError` if the store has no scan, and
    `StoreDamagedError` if the `with` block encounters damage.
    """
    connection = connect_to_read(path, memory, threads, writes_files=writes_files)
    try:
        with damage_reported(path):
            store = Store(connection)
            if store.scans.last() is None:
                raise StoreMissingError(path)
            yield store
    finally:
        connection.close()


@contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Convert errors that indicate damage in the `with` block to `StoreDamagedError`."""
    try:
        yield
    except duckdb.Error as error:
        if is_damage(error):
            raise StoreDamagedError(path, error) from error
        raise
