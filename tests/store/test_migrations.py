"""A store of any older version keeps its rows and gets the current constraints."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from headway.store.database import connect_to_fill, migrate
from headway.store.key_columns import NEVER_NULL
from headway.store.table_definitions import MIGRATIONS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = """
INSERT INTO opening (campaign, rule, repository, item, number, path, opened_on)
    SELECT 'c', 'r', 'k', 'item ' || i, 0, 'p', DATE '2024-01-01' FROM range(100) t(i);
INSERT INTO movement (campaign, repository, rule, team, day, baseline)
    VALUES ('c', 'k', 'r', 't', '2024-01-01', 1);
INSERT INTO cursor (campaign, rule, repository, fingerprint) VALUES ('c', 'r', 'k', 'f');
"""


@pytest.mark.fault(10)
@pytest.mark.parametrize("version", [migration.version for migration in MIGRATIONS])
def test_a_store_of_any_version_is_migrated_with_its_rows(tmp_path: Path, version: int) -> None:
    store = tmp_path / "headway.duckdb"
    with closing(connect_to_fill(store, NOW, version)) as connection:
        connection.execute(ROWS)
        migrate(connection, store, NOW)
        for table, rows in (("opening", 100), ("movement", 1), ("cursor", 1)):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (rows,)
        for statement in (
            "INSERT INTO opening (campaign) VALUES ('c')",
            "UPDATE cursor SET rule = NULL",
        ):
            with pytest.raises(duckdb.ConstraintException, match="NOT NULL"):
                connection.execute(statement)
        not_null = "FROM duckdb_columns() WHERE database_name = 'store' AND NOT is_nullable"
        found = connection.execute(f"SELECT count(*) {not_null}").fetchone()
        assert found == (NEVER_NULL.count("SET NOT NULL"),)
