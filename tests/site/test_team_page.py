"""A team's page begins with its actions, and gives the number of items due on each date."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.urls import repository_page, team_page
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, headway, workspace

TODAY = ("--today", "2020-03-16")
SETTINGS = """due: 2020-12-31
milestones: [{name: Apps first, due: 2020-06-30, repositories: [app]}]
"""
TEAMS = """teams:
  - {name: web, repositories: [app, site]}
  - {name: tools, repositories: [library]}
"""


LOGS = """title: Old logs
owner: tools
starts: 2020-01-06
due: 2020-09-30
deprecated: [{id: old, scanner: regex, pattern: 'import logs'}]
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("due"), remove_six=REMOVE_SIX + SETTINGS, logs=LOGS)
    (folder / "teams.yaml").write_text(TEAMS)
    for name in ("app", "library"):
        Repo(folder / "clones" / name).commit("2020-02-10", {"a.py": "import six\n"})
    two = "import six\nimport six\n"
    Repo(folder / "clones" / "site").commit("2020-02-10", {"b.py": two, "c.py": "import logs\n"})
    Repo(folder / "clones" / "misc").commit("2020-02-10", {"a.py": "import logs\n"})
    headway(folder, *TODAY, "scan", "--jobs", "1")
    headway(folder, *TODAY, "report")
    return folder / "site"


def test_the_items_in_a_milestone_are_due_before_the_rest_of_the_campaign(pages: Path) -> None:
    page = (pages / team_page("web")).read_text("utf-8")
    text = "due 30 Jun 2020 for Apps first (1 item), in 15 weeks; 31 Dec 2020 for the rest"
    assert text in page
    table = page[page.index('id="campaigns"') : page.index("</table>")]
    assert "<small>1 item: Apps first</small><small>2 items: 31 Dec 2020</small>" in table
    assert "in 15 weeks, 1 item (Apps first)" in page


def test_the_campaign_with_the_earliest_due_date_comes_first(pages: Path) -> None:
    page = (pages / team_page("web")).read_text("utf-8")
    table = page[page.index('id="campaigns"') : page.index("</table>")]
    assert 0 < table.index("Remove six") < table.index("Old logs")
    headings = page[page.index('class="card left"') :]
    assert 0 < headings.index("Remove six") < headings.index("Old logs")


@pytest.mark.parametrize(
    ("name", "due", "owner"),
    [("app", "30 Jun 2020 for Apps first", "web"), ("library", "31 Dec 2020", "tools")],
)
def test_a_repository_shows_its_own_due_date_and_owner(
    pages: Path, name: str, due: str, owner: str
) -> None:
    page = (pages / repository_page(name)).read_text("utf-8")
    assert f'<p class="due">due {due}, in ' in page
    assert f'Owner: <a href="../../teams/{owner}/index.html">{owner}</a></p>' in page


def needs_of(pages: Path, team: str) -> str:
    """Return the part of a team's page that lists its actions, as HTML."""
    page = (pages / team_page(team)).read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    return page[page.index('id="needs"') : page.index('class="figures"')]


def test_the_page_begins_with_the_actions_of_the_team(pages: Path) -> None:
    needs = needs_of(pages, "web")
    assert needs.count('class="need"') == 1
    assert "Start work: 4 open items, no fixes yet." in needs
    assert "<small>Old logs, Remove six</small>" in needs
    assert "30 Jun 2020" in needs


def test_a_team_also_sees_the_actions_of_the_campaigns_that_it_owns(pages: Path) -> None:
    needs = needs_of(pages, "tools")
    assert "Start work: 1 open item, no fixes yet." in needs
    # The team owns this campaign, but has no items in it.
    assert "Find an owner for 1 item in misc.<small>Old logs</small>" in needs
    assert 0 < needs.index("30 Sep 2020") < needs.index("31 Dec 2020")
    assert needs.count('class="need"') == 2


def test_a_team_without_items_in_a_milestone_is_due_with_the_campaign(pages: Path) -> None:
    page = (pages / team_page("tools")).read_text("utf-8")
    assert "31 Dec 2020" in page
    assert "Apps first" not in page


def test_the_index_lists_the_team_with_the_earlier_milestone_first(pages: Path) -> None:
    index = (pages / "index.html").read_text("utf-8")
    matrix = index[index.index('id="teams"') :]
    assert 0 < matrix.index(">web<") < matrix.index("30 Jun 2020") < matrix.index(">tools<")
