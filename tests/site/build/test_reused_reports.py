"""The report of a campaign is computed again only if a change can affect its counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from headway.store.row_fingerprints import SourceFingerprints
from headway.store.store_reader import open_store
from tests.site.build.test_incremental_build import (
    REFERENCES,
    TODAY,
    content,
    folder,
    other_value,
    report,
    reported,
)
from tests.support.git import Repo
from tests.support.workspaces import scan

__all__ = ["folder"]

IRRELEVANT = {
    "opening": {"line", "column", "blob", "opened_blob"},
    "cursor": {"fingerprint", "baseline", "commit", "position", "begins", "cut", "recheck_on"},
    "repository": {"tip"},
}
"""The columns that do not affect the counts of a campaign, by table."""

FILLED = {
    "VARCHAR": "''",
    "DATE": "DATE '2020-01-01'",
    "TIMESTAMP": "TIMESTAMP '2020-01-01'",
    "BOOLEAN": "false",
    "INTEGER": "0",
    "BIGINT": "0",
}
"""SQL for a value of each type."""

EMPTY = "(SELECT key FROM repository WHERE name = 'empty')"
"""The key of a repository without items."""


@pytest.mark.parametrize(
    "change", [{"a.py": "# moved\nimport six\n"}, {"README": "nothing that a rule finds\n"}]
)
def test_a_commit_without_new_counts_causes_no_new_report(
    folder: Path, change: dict[str, str | bytes | None]
) -> None:
    # The campaign's own page shows 20 items, in the order of their repositories.
    Repo(folder / "clones" / "alpha").commit("2020-02-10", {"a.py": "import six\n" * 20})
    scan(folder, TODAY)
    report(folder)
    Repo(folder / "clones" / "shop").commit("2020-03-01", change)
    scan(folder, TODAY)
    assert reported(folder) == []
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")


def test_a_campaign_shows_the_new_lines_of_its_items(folder: Path) -> None:
    pages = [folder / "site/campaigns/remove-six" / name for name in ("index.html", "items.html")]
    report(folder)
    before = [page.read_text("utf-8") for page in pages]
    assert all("a.py:1<" in text and "a.py:2<" not in text for text in before)
    Repo(folder / "clones" / "shop").commit("2020-03-01", {"a.py": "# moved\nimport six\n"})
    scan(folder, TODAY)
    report(folder)
    assert all("a.py:2<" in page.read_text("utf-8") for page in pages)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cursor SET landed_at = landed_at - INTERVAL 800 DAY WHERE rowid = 0",
        f"UPDATE cursor SET binary_files = 3 WHERE repository = {EMPTY}",
        f"UPDATE cursor SET known_from = '2020-02-20' WHERE repository = {EMPTY}",
        """UPDATE opening SET line = 7, "column" = 8, blob = 'other', opened_blob = 'another'""",
        "UPDATE repository SET tip = 'other'",
    ],
)
def test_a_reused_report_equals_a_new_one(folder: Path, statement: str) -> None:
    Repo(folder / "clones" / "empty").commit("2020-02-10", {"README": "nothing\n"})
    scan(folder, TODAY)
    report(folder)
    before = content(folder / "site")
    with duckdb.connect(folder / "headway.duckdb") as store:
        store.execute(statement)
    report(folder)
    after = content(folder / "site")
    report(folder, "--out", str(folder / "from-nothing"))
    assert after == content(folder / "from-nothing")
    changed = {path for path, old in before.items() if after.get(path) != old}
    assert changed >= {"manifest.json"}


@pytest.mark.parametrize("table", sorted(IRRELEVANT))
def test_the_counts_depend_on_all_other_columns(folder: Path, table: str) -> None:
    store = folder / "headway.duckdb"
    original, before = store.read_bytes(), fingerprints(store)
    with duckdb.connect(store) as connection:
        columns = connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?", [table]
        ).fetchall()
    unchanged = set()
    for column, kind in columns:
        if column in REFERENCES:
            continue
        with duckdb.connect(store) as connection:
            # Fill empty values first, because most expressions keep them empty.
            fill = f'UPDATE {table} SET "{column}" = {FILLED[kind]} WHERE "{column}" IS NULL'
            connection.execute(fill)
            changed = "'x'" if column == "versions" else other_value(column, kind)
            connection.execute(f'UPDATE {table} SET "{column}" = {changed}')
        if fingerprints(store).counts_of("remove-six") == before.counts_of("remove-six"):
            unchanged.add(column)
        store.write_bytes(original)
    assert unchanged == IRRELEVANT[table]


def fingerprints(store: Path) -> SourceFingerprints:
    with open_store(store) as opened:
        return opened.fingerprints.current(date(2019, 3, 3))
