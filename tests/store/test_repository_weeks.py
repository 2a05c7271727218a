"""The `repository_weeks` view is correct even if scans happen in the middle of a week."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import scan, workspace


def weeks(folder: Path) -> list[tuple[date, int]]:
    with open_store(folder / "headway.duckdb") as store:
        return [
            (row[0], row[1])
            for row in store.query('SELECT day, "open" FROM repository_weeks ORDER BY day')[1]
        ]


def test_movements_of_an_unfinished_week_count_when_it_has_ended(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    shop = Repo(folder / "clones" / "shop")
    shop.commit("2020-01-01", {"a.py": "import six\n", "b.py": "import six\n"})
    shop.commit("2020-01-14", {"a.py": "pass\n"})
    scan(folder, date(2020, 1, 15))
    assert weeks(folder) == [(date(2020, 1, 12), 2)]
    # Nothing has changed since the first scan, so this scan does not write the ledger.
    scan(folder, date(2020, 1, 27))
    assert weeks(folder) == [
        (date(2020, 1, 12), 2),
        (date(2020, 1, 19), 1),
        (date(2020, 1, 26), 1),
    ]
