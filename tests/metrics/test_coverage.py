"""Coverage is the same in `status`, in `burndown` and for teams."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, rows, scan, workspace

CAMPAIGN = (
    REMOVE_SIX
    + "milestones: [{name: first, due: 2020-12-31, repositories: [a, b]}]\ndue: 2021-01-31\n"
)
TEAMS = "teams: [{name: one, repositories: [a, b]}, {name: two, repositories: [c]}]\n"
DAYS = ("2020-03-01", "2020-03-02", "2020-03-08", "2020-03-15", "2020-03-16")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of two teams. The second scan cannot read one of three repositories."""
    folder = workspace(tmp_path_factory.mktemp("coverage"), six=CAMPAIGN)
    (folder / "teams.yaml").write_text(TEAMS)
    for name in "abc":
        Repo(folder / "clones" / name).commit("2020-01-01", {"x.py": "import six\n"})
    scan(folder, date(2020, 3, 1))
    Repo(folder / "clones" / "b").commit("2020-03-10", {"x.py": "\n"})
    shutil.rmtree(folder / "clones" / "b" / ".git" / "objects")
    scan(folder, date(2020, 3, 15))
    return folder


def status(folder: Path, day: str, *arguments: str) -> list[dict[str, Any]]:
    return rows(folder, "status", *arguments, "--today", day)


@pytest.mark.parametrize("day", DAYS)
def test_status_and_burndown_agree(folder: Path, day: str) -> None:
    (whole,) = status(folder, day)
    last = rows(folder, "burndown", "six", "--today", day)[-1]
    assert last["coverage"] == whole["coverage"]
    expected = 1 - whole["unknown"] / whole["repositories"]
    assert whole["coverage"] == pytest.approx(expected)
    for row in status(folder, day, "--by", "team"):
        for owners in ("current", "historical"):
            points = rows(
                folder,
                *("burndown", "six", "--team", row["team"], "--owners", owners, "--today", day),
            )
            assert points[-1]["coverage"] == row["coverage"], (row["team"], owners)


@pytest.mark.parametrize("day", DAYS)
def test_the_repositories_make_up_the_coverage(folder: Path, day: str) -> None:
    (whole,) = status(folder, day)
    by_repository = status(folder, day, "--by", "repository")
    known = sum(row["coverage"] for row in by_repository)
    assert whole["coverage"] == pytest.approx(known / len(by_repository))
    (milestone,) = status(folder, day, "--by", "milestone")
    named = [row["coverage"] for row in by_repository if row["repository"] in "ab"]
    assert milestone["coverage"] == pytest.approx(sum(named) / 2)


def test_a_repository_is_unknown_after_the_last_scan_that_read_it(folder: Path) -> None:
    found = {}
    for day in DAYS:
        by_name = {row["repository"]: row for row in status(folder, day, "--by", "repository")}
        found[day] = by_name["b"]["state"], by_name["b"]["coverage"]
        assert by_name["a"]["coverage"] == 1
    assert found == dict.fromkeys(DAYS, ("unknown", 0)) | {DAYS[0]: ("open", 1)}
    teams = {row["team"]: row["coverage"] for row in status(folder, DAYS[2], "--by", "team")}
    assert teams == {"one": 0.5, "two": 1}
