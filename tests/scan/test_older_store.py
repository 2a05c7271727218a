"""A scan with a store from before edits were tracked reads all histories again and says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from headway.model.progress_reporter import SilentReporter
from headway.scan.run import OUTDATED
from headway.store.table_definitions import MIGRATIONS
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, rows, scan, workspace

TODAY = date(2020, 6, 1)


def make_older_and_migrate(store: Path) -> None:
    """Convert the `opening` table to the format that lacks edits, and migrate it again."""
    (migration,) = (found for found in MIGRATIONS if found.name == "items followed through edits")
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{store}' AS store")
        connection.execute("USE store")
        # Rows are appended by position, so the columns of later migrations must come last.
        columns = connection.execute(
            "SELECT name, type FROM pragma_table_info('opening') ORDER BY cid"
        ).fetchall()
        last = [name for name, _ in columns].index("origin_text")
        later = columns[last + 1 :]
        for name, _ in later:
            connection.execute(f"ALTER TABLE opening DROP COLUMN {name}")
        connection.execute("ALTER TABLE opening DROP COLUMN versions")
        connection.execute("ALTER TABLE opening DROP COLUMN exact")
        connection.execute("ALTER TABLE opening DROP COLUMN origin_text")
        connection.execute("ALTER TABLE opening ADD COLUMN moves VARCHAR")
        moves = '[["2020-02-01", "a \\"quoted\\" name.py"], ["2020-03-01", "b.py"]]'
        connection.execute("UPDATE opening SET moves = ?", [moves])
        connection.execute(migration.statements)
        for name, kind in later:
            connection.execute(f"ALTER TABLE opening ADD COLUMN {name} {kind}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path, six=REMOVE_SIX)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-02-01", {"a.py": "import six\n"})
    repo.commit("2020-03-01", {"a.py": "import six  # still\n"})
    return folder


@pytest.mark.fault(10)
def test_an_older_store_is_walked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(folder, TODAY)
    expected = rows(folder, "items", "--state", "all")
    make_older_and_migrate(folder / "headway.duckdb")
    notes: list[str] = []
    monkeypatch.setattr(SilentReporter, "note", lambda _, text: notes.append(text))
    outcome = scan(folder, TODAY)
    assert outcome.commits == 2
    assert notes == [OUTDATED]
    assert rows(folder, "items", "--state", "all") == expected
    assert len(expected[0]["texts"]) == 2
    notes.clear()
    assert scan(folder, TODAY).unchanged == 1
    assert notes == []


def test_the_moves_of_a_repository_that_cannot_be_walked_are_kept(folder: Path) -> None:
    scan(folder, TODAY)
    make_older_and_migrate(folder / "headway.duckdb")
    (folder / "clones" / "one").rename(folder / "elsewhere")
    scan(folder, TODAY)
    with duckdb.connect(folder / "headway.duckdb", read_only=True) as connection:
        (found,) = connection.execute("SELECT versions FROM opening").fetchall()
    assert '"2020-02-01", "a \\"quoted\\" name.py", "", {}]' in found[0]
