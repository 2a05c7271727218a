"""What everything that reads or writes tables shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

OPEN_CHANGE = "baseline + new + regressed + scope_added + lapsed - fixed - scope_removed - exempted"
"""Of a row of the ledger, what `Movement.open_change` is."""


class StoreConnection:
    """An open connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def _rows(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        bound = dict(values) if isinstance(values, Mapping) else list(values)
        return self._connection.execute(sql, bound).fetchall()

    def _replace(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        self._append(table, sorted(rows, key=repr))

    def _append(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            appender = self._connection.appender(table)
            appender.append_rows(list(rows))
            appender.flush()
