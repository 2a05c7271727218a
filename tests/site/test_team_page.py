"""A team's due date is the earliest one of its campaigns and milestones with open items."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.urls import team_page
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, headway, workspace

TODAY = ("--today", "2020-03-16")
SETTINGS = """due: 2020-12-31
milestones: [{name: Apps first, due: 2020-06-30, repositories: [app]}]
"""
TEAMS = """teams:
  - {name: web, repositories: [app]}
  - {name: tools, repositories: [library]}
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("due"), remove_six=REMOVE_SIX + SETTINGS)
    (folder / "teams.yaml").write_text(TEAMS)
    for name in ("app", "library"):
        Repo(folder / "clones" / name).commit("2020-02-10", {"a.py": "import six\n"})
    headway(folder, *TODAY, "scan", "--jobs", "1")
    headway(folder, *TODAY, "report")
    return folder / "site"


def test_a_team_with_items_in_a_milestone_is_due_with_the_milestone(pages: Path) -> None:
    page = (pages / team_page("web")).read_text("utf-8")
    assert "30 Jun 2020" in page
    assert "Apps first" in page
    assert "31 Dec 2020" not in page


def test_a_team_without_items_in_a_milestone_is_due_with_the_campaign(pages: Path) -> None:
    page = (pages / team_page("tools")).read_text("utf-8")
    assert "31 Dec 2020" in page
    assert "Apps first" not in page


def test_the_index_lists_the_team_with_the_earlier_milestone_first(pages: Path) -> None:
    index = (pages / "index.html").read_text("utf-8")
    matrix = index[index.index('id="teams"') :]
    assert 0 < matrix.index(">web<") < matrix.index("30 Jun 2020") < matrix.index(">tools<")
