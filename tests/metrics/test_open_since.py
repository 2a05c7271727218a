"""Work has stalled after four weeks with open items; they begin when there are items again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_status import counted_status
from headway.store.store_reader import open_store
from tests.support.definitions import load
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, rows, scan, workspace

MILESTONE = "due: 2021-12-31\nmilestones: [{name: Apps, due: 2021-06-30, repositories: [app]}]\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The only two items are fixed in January; one of them is back on 20 May."""
    made = workspace(tmp_path_factory.mktemp("again"), remove_six=REMOVE_SIX + MILESTONE)
    (made / "teams.yaml").write_text("teams: [{name: web, repositories: [app]}]\n")
    app, library = (Repo(made / "clones" / name) for name in ("app", "library"))
    app.commit("2019-12-02", {"a.py": "import six\n"})
    library.commit("2019-12-02", {"b.py": "import six\n"})
    app.commit("2020-01-20", {"a.py": "import os\n"})
    library.commit("2020-01-21", {"b.py": "import os\n"})
    app.commit("2020-05-20", {"a.py": "import six\n"})
    scan(made, date(2020, 7, 6))
    return made


def healths(folder: Path, today: str) -> set[str]:
    """The health of the campaign, and of the repository, team and milestone with the item."""
    found = rows(folder, "status", "--today", today)
    for part, name in (("repository", "app"), ("team", "web"), ("milestone", "Apps")):
        listed = rows(folder, "status", "--by", part, "--today", today)
        found += [row for row in listed if row[part] == name]
    assert len(found) == 4
    return {row["health"] for row in found}


def test_an_item_that_came_back_yesterday_makes_nothing_stalled(folder: Path) -> None:
    assert "stalled" not in healths(folder, "2020-05-21")
    assert "stalled" not in healths(folder, "2020-06-16")


def test_after_four_weeks_without_a_fix_all_of_them_have_stalled(folder: Path) -> None:
    assert healths(folder, "2020-06-17") == {"stalled"}


def test_what_never_had_a_fix_stalls_four_weeks_after_the_first_day(folder: Path) -> None:
    assert "stalled" not in healths(folder, "2020-01-19")


@pytest.mark.parametrize("today", [date(2020, 5, 21), date(2020, 6, 17)])
def test_both_ways_to_count_agree(folder: Path, today: date) -> None:
    (campaign,) = load(folder / "campaigns", {}).campaigns
    with open_store(folder / "headway.duckdb") as store:
        row = CampaignMetrics(store, campaign, today).status
        assert counted_status(store, campaign, today)[0] == row
