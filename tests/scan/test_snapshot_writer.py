"""Weekly snapshots come from the history. Scan snapshots show the state on the scan's day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, scan, workspace

Table = list[tuple[str, str, int, int, int]]


def table(folder: Path, view: str) -> Table:
    """Return (month and day, team or repository, open, fixed, exempt) from one view."""
    subject = view.partition("_")[0]
    with open_store(folder / "headway.duckdb") as store:
        found = store.query(
            f"SELECT strftime(day, '%m-%d'), {subject}, \"open\", fixed, exempt FROM {view} "
            "ORDER BY ALL"
        )[1]
    return [(day, name, *counts) for day, name, *counts in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path, six=REMOVE_SIX)
    Repo(folder / "clones" / "one").commit("2019-12-01", {"a.py": "import six\n"})
    two = Repo(folder / "clones" / "two")
    two.commit("2019-12-01", {"b.py": "import six\nimport six\n"})
    two.commit("2020-01-14", {"b.py": "import six\n"})
    return folder


def test_every_week_and_every_scan_has_a_row_for_each_repository_and_team(folder: Path) -> None:
    scan(folder, date(2020, 1, 22))
    scan(folder, date(2020, 2, 5))
    assert table(folder, "repository_weeks") == [
        ("01-12", "one", 1, 0, 0),
        ("01-12", "two", 2, 0, 0),
        ("01-19", "one", 1, 0, 0),
        ("01-19", "two", 1, 1, 0),
        ("01-26", "one", 1, 0, 0),
        ("01-26", "two", 1, 1, 0),
        ("02-02", "one", 1, 0, 0),
        ("02-02", "two", 1, 1, 0),
    ]
    assert table(folder, "team_scans") == [
        ("01-22", "unowned", 2, 1, 0),
        ("02-05", "unowned", 2, 1, 0),
    ]


def test_snapshots_of_scans_stay_and_those_of_weeks_use_current_owners(folder: Path) -> None:
    scan(folder, date(2020, 1, 22))
    (folder / "teams.yaml").write_text("teams: [{name: red, repositories: [one, two]}]\n")
    scan(folder, date(2020, 2, 5))
    # A team that lost all its items is shown without items, and not with its last numbers.
    assert table(folder, "team_scans") == [
        ("01-22", "unowned", 2, 1, 0),
        ("02-05", "red", 2, 1, 0),
        ("02-05", "unowned", 0, 0, 0),
    ]
    assert {row[1] for row in table(folder, "team_weeks")} == {"red"}


def test_a_repository_that_left_the_scope_has_no_open_items(folder: Path) -> None:
    scan(folder, date(2020, 1, 22))
    text = REMOVE_SIX + "scope: {repositories: [one]}\n"
    (folder / "campaigns" / "six.yaml").write_text(text)
    scan(folder, date(2020, 2, 5))
    assert table(folder, "repository_scans")[-2:] == [
        ("02-05", "one", 1, 0, 0),
        ("02-05", "two", 0, 0, 0),
    ]
    with open_store(folder / "headway.duckdb") as store:
        sql = "SELECT state, reason FROM repository_scans WHERE repository = 'two' ORDER BY day"
        assert store.query(sql)[1] == [
            ("open", None),
            ("out of scope", "its name does not match scope.repositories"),
        ]


def test_an_exemption_lapses_in_a_week_without_commits(folder: Path) -> None:
    exempt = "exemptions: [{reason: Ends, repositories: [one], until: 2020-01-30}]\n"
    (folder / "campaigns" / "six.yaml").write_text(REMOVE_SIX + exempt)
    scan(folder, date(2020, 1, 22))
    assert scan(folder, date(2020, 2, 12)).unchanged == 2
    expected = [
        ("01-12", "one", 0, 0, 1),
        ("01-19", "one", 0, 0, 1),
        ("01-26", "one", 0, 0, 1),
        ("02-02", "one", 1, 0, 0),
        ("02-09", "one", 1, 0, 0),
    ]
    assert [row for row in table(folder, "repository_weeks") if row[1] == "one"] == expected


@pytest.mark.parametrize(("weight", "completion"), [(3, 0.8), (0, 0.5)])
def test_a_new_weight_applies_to_all_weeks(folder: Path, weight: int, completion: float) -> None:
    repo = Repo(folder / "clones" / "two")
    repo.commit("2020-01-15", {"c.txt": "old\n"})
    repo.commit("2020-01-16", {"c.txt": ""})
    rule = "  - {id: old, scanner: regex, pattern: old, weight: 1}\n"
    for text in (rule, rule.replace("weight: 1", f"weight: {weight}")):
        (folder / "campaigns" / "six.yaml").write_text(REMOVE_SIX + text)
        again = scan(folder, date(2020, 1, 22))
    assert again.blobs == 0
    with open_store(folder / "headway.duckdb") as store:
        for view in ("repository_weeks", "repository_scans"):
            sql = f"SELECT last(completion ORDER BY day) FROM {view} WHERE repository = 'two'"
            assert store.query(sql)[1] == [(completion,)], view
