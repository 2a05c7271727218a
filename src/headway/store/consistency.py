"""Check the rows of a store against the rules for its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate

import duckdb

from headway.store.table_rules import REFERENCES, RULES, TableRules

_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"
"""The range of days in Python. DuckDB's range is wider and includes infinity."""


def inconsistencies(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield a phrase for each rule that some rows of the store violate.

    Args:
        connection: A connection to a store of the current version.
    """
    tables = _columns_by_table(connection)
    for table in RULES:
        if table not in tables:
            yield f"the table {table} is missing"
    for table, columns in tables.items():
        for phrase, condition in _conditions(table, columns):
            count = _count(connection, f'FROM "{table}" t WHERE {condition}')
            if count:
                yield f"{_rows(count)} of {table} {'has' if count == 1 else 'have'} {phrase}"
        for column in RULES[table].json.split():
            if count := _too_deep(connection, table, column):
                have = "has" if count == 1 else "have"
                yield f"{_rows(count)} of {table} {have} too deeply nested JSON in {column}"
        if key := RULES[table].key:
            names = ", ".join(f'"{column}"' for column in key.split())
            count = _count(
                connection, f'FROM (FROM "{table}" SELECT 1 GROUP BY {names} HAVING count(*) > 1)'
            )
            if count:
                yield f"{_rows(count)} of {table} {'occurs' if count == 1 else 'occur'} twice"


def _columns_by_table(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the type of each column in each of Headway's tables."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() c"
        " JOIN duckdb_tables() USING (database_name, schema_name, table_name)"
        " WHERE database_name = 'store' ORDER BY table_name, c.column_index"
    ).fetchall():
        if table in RULES:
            tables.setdefault(table, {})[column] = kind
    return tables


_DEEPEST_JSON = 50
"""The maximum nesting of JSON. Headway writes at most four levels. Python can read about 900."""
_BRACKETS = """length("{0}") - length(replace(replace("{0}", '[', ''), '{{', ''))"""
_NOT_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[^][{}"]+')
_DEFINED_RULES = """(
    SELECT unnest(json_extract_string(
        CASE WHEN json_valid(t.content) THEN t.content ELSE '{}' END, '$.rules[*].id'
    )) AS rule
)"""
_MISSING_RULE = f"""
t.day = (SELECT max(day) FROM definition d WHERE d.campaign = t.campaign) AND EXISTS (
    FROM {_DEFINED_RULES} d
    WHERE NOT EXISTS (FROM rule o WHERE o.campaign = t.campaign AND o.rule = d.rule)
)"""  # noqa: S608 - constants
"""An SQL condition for a campaign's last definition if one of its rules has no row."""


def _conditions(table: str, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield a phrase and an SQL condition for each kind of bad row."""
    rules = RULES.get(table, TableRules(""))
    for column in rules.required.split():
        yield f"no {column}", f't."{column}" IS NULL'
    for column in rules.not_negative.split():
        # DuckDB treats NaN as greater than every number.
        yield f"an impossible {column}", f't."{column}" < 0 OR t."{column}" > 1e18'
    for column, kind in columns.items():
        if kind in ("DATE", "TIMESTAMP"):
            days = f"DATE '{_FIRST_DAY}' AND TIMESTAMP '{_LAST_DAY} 23:59:59.999999'"
            yield f"an impossible {column}", f't."{column}" NOT BETWEEN {days}'
    for column in rules.json.split():
        yield f"an invalid {column}", f"""NOT json_valid(nullif(t."{column}", ''))"""
    for column, (other, key) in REFERENCES.items():
        if column in columns and table != other:
            missing = f'NOT EXISTS (FROM "{other}" o WHERE o."{key}" = t."{column}")'
            yield f"an unknown {column}", f't."{column}" IS NOT NULL AND {missing}'
    if table == "definition":
        yield "an unknown rule", _MISSING_RULE


def _too_deep(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    """Return the number of rows whose JSON is nested so deeply that reading it could fail."""
    # The number of brackets is never less than the depth, and is quick to compute.
    many = f'FROM "{table}" SELECT "{column}" WHERE {_BRACKETS.format(column)} > {_DEEPEST_JSON}'
    found = connection.execute(many)
    count = 0
    while row := found.fetchone():
        count += _depth(row[0]) > _DEEPEST_JSON
    return count


def _depth(text: str) -> int:
    """Return the nesting depth of JSON text."""
    steps = (1 if bracket in "[{" else -1 for bracket in _NOT_BRACKETS.sub("", text))
    return max(accumulate(steps), default=0)


def _count(connection: duckdb.DuckDBPyConnection, rest: str) -> int:
    row = connection.execute(f"SELECT count(*) {rest}").fetchone()
    return int(row[0]) if row else 0


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
