"""The base class for all parts of a store, with methods that read and write rows."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import duckdb


class StorePart:
    """The base class of all parts. Each part runs queries about one subject on a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def _rows(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        """Return the rows of a query as named tuples with the names of the columns."""
        result = self._execute(sql, values)
        names = tuple(column[0] for column in result.description or ())
        return list(map(_row_class(names)._make, result.fetchall()))

    def _tuples(
        self, sql: str, values: Sequence[object] | Mapping[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query as plain tuples, which are faster for many rows."""
        return self._execute(sql, values).fetchall()

    def _execute(
        self, sql: str, values: Sequence[object] | Mapping[str, object]
    ) -> duckdb.DuckDBPyConnection:
        bound = dict(values) if isinstance(values, Mapping) else list(values)
        return self._connection.execute(sql, bound)

    def _replace(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Replace all rows in a table."""
        self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a table name of ours
        self._append(table, sorted(rows, key=repr))

    def _append(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows whose values are in the order of the table's columns."""
        if rows:
            appender = self._connection.appender(table)
            appender.append_rows(list(rows))
            appender.flush()

    def _stage_pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Fill the temporary `pair` table with (campaign, repository) pairs for joins."""
        self._connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS pair (campaign VARCHAR, repository VARCHAR)"
        )
        self._connection.execute("DELETE FROM pair")
        self._append("pair", sorted(set(pairs)))


class StagingPart(StorePart):
    """A part that stages rows in temporary tables and then stores all of them at once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._filled: set[str] = set()
        """The temporary tables with staged rows."""

    def _add_staged(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows to a temporary table."""
        if rows:
            self._append(table, rows)
            self._filled.add(table)

    def _store_staged(self, statements: Iterable[tuple[str, str]]) -> None:
        """Execute the statements that use staged rows.

        Args:
            statements: (Temporary table, statement) pairs. A statement is skipped if its table has
                no staged rows, because even a statement without effect takes a millisecond.
        """
        for table, statement in statements:
            if table in self._filled:
                self._connection.execute(statement)


@lru_cache(maxsize=256)
def _row_class(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)  # noqa: PYI024 - the names are known only at run time
