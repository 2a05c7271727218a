"""Every rule of `table_rules` finds the rows that violate it, in every table and column."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from headway.store.consistency import inconsistencies
from headway.store.database import connect_to_fill
from headway.store.table_rules import REFERENCES, RULES

VALUES = {
    "VARCHAR": "'x'",
    "DATE": "DATE '2026-01-05'",
    "TIMESTAMP": "TIMESTAMP '2026-01-05 12:00:00'",
    "BOOLEAN": "false",
}
"""A valid value of each type. Numbers are 0."""
OWN_VALUES = {
    ("campaign", "id"): "'c'",
    ("repository", "key"): "'r'",
    ("definition", "content"): "'{}'",
}


def value_of(table: str, column: str, kind: str) -> str:
    """Return an SQL value that violates no rule."""
    if (table, column) in OWN_VALUES:
        return OWN_VALUES[table, column]
    if column in REFERENCES:
        return {"campaign": "'c'", "repository": "'r'"}[column]
    return "NULL" if column in RULES[table].json.split() else VALUES.get(kind, "0")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Provide a store with one row in every table."""
    path = tmp_path_factory.mktemp("store") / "headway.duckdb"
    connection = connect_to_fill(path, datetime(2026, 1, 5, tzinfo=UTC))
    for table in RULES:
        connection.execute(f"INSERT INTO {table} VALUES ({row(connection, table)})")
    yield connection
    connection.close()


@pytest.fixture
def connection(store: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Provide the store, and undo all changes after the test."""
    store.execute("BEGIN")
    yield store
    store.execute("ROLLBACK")


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    found = connection.execute(f"SELECT * FROM {table} LIMIT 0").description or ()
    return {name: str(kind) for name, kind, *_ in found}


def row(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    kinds = columns(connection, table)
    values = (value_of(table, column, kind) for column, kind in kinds.items())
    # A required JSON column cannot be NULL.
    return ", ".join(
        "''" if value == "NULL" and column in RULES[table].required.split() else value
        for column, value in zip(kinds, values, strict=True)
    )


def test_a_store_without_bad_rows_is_consistent(connection: duckdb.DuckDBPyConnection) -> None:
    assert not list(inconsistencies(connection))


def test_doubled_rows_are_found_in_all_tables_with_a_key(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for table in RULES:
        connection.execute(f"INSERT INTO {table} FROM {table}")
    expected = {f"1 row of {table} occurs twice" for table, rules in RULES.items() if rules.key}
    assert set(inconsistencies(connection)) == expected


def test_missing_values_are_found_where_the_schema_allows_them(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    expected = set()
    for table, rules in RULES.items():
        for column in rules.required.split():
            if not is_not_null(connection, table, column):
                connection.execute(f'UPDATE {table} SET "{column}" = NULL')
                expected.add(f"1 row of {table} has no {column}")
    assert len(expected) > 20
    assert expected <= set(inconsistencies(connection))


def is_not_null(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    """Return whether the schema itself refuses NULL in a column."""
    found = connection.execute(
        "SELECT is_nullable FROM duckdb_columns() WHERE database_name = 'store'"
        " AND table_name = ? AND column_name = ?",
        [table, column],
    ).fetchone()
    assert found is not None, (table, column)
    return not found[0]


@pytest.mark.parametrize("value", ["'infinity'", "'-infinity'", "'12000-01-01'"])
def test_impossible_days_are_found_in_all_columns(
    connection: duckdb.DuckDBPyConnection, value: str
) -> None:
    expected = set()
    for table in RULES:
        for column, kind in columns(connection, table).items():
            if kind in ("DATE", "TIMESTAMP"):
                connection.execute(f'UPDATE {table} SET "{column}" = {value}')
                expected.add(f"1 row of {table} has an impossible {column}")
    assert len(expected) > 20
    assert expected <= set(inconsistencies(connection))


def test_numbers_out_of_range_are_found(connection: duckdb.DuckDBPyConnection) -> None:
    expected = set()
    for table, rules in RULES.items():
        kinds = columns(connection, table)
        for column in rules.not_negative.split():
            value = "'NaN'" if kinds[column] == "DOUBLE" else "-1"
            connection.execute(f'UPDATE {table} SET "{column}" = {value}')
            expected.add(f"1 row of {table} has an impossible {column}")
    assert len(expected) > 20
    assert expected <= set(inconsistencies(connection))


def test_references_that_lead_nowhere_are_found(connection: duckdb.DuckDBPyConnection) -> None:
    expected = set()
    for table in RULES:
        for column in REFERENCES.keys() & columns(connection, table).keys():
            if REFERENCES[column][0] != table:
                connection.execute(f"UPDATE {table} SET {column} = 'nowhere'")
                expected.add(f"1 row of {table} has an unknown {column}")
    assert len(expected) > 20
    assert expected <= set(inconsistencies(connection))


def test_invalid_json_is_found(connection: duckdb.DuckDBPyConnection) -> None:
    expected = set()
    for table, rules in RULES.items():
        for column in rules.json.split():
            connection.execute(f'UPDATE {table} SET "{column}" = \'{{"a\'')
            expected.add(f"1 row of {table} has an invalid {column}")
    assert expected
    assert expected <= set(inconsistencies(connection))


def test_every_table_has_rules(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'"
    ).fetchall()
    assert {name for (name,) in found} == {*RULES, "schema_version"}
