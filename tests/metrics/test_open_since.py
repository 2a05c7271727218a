"""If items regress in a finished campaign, it counts as stalled after four more weeks."""

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
    """Return a workspace whose two items were fixed in January. One item regressed on 20 May."""
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
    """Return the health of the campaign, and of the parts of it with the open item."""
    found = rows(folder, "status", "--today", today)
    for part, name in (("repository", "app"), ("team", "web"), ("milestone", "Apps")):
        listed = rows(folder, "status", "--by", part, "--today", today)
        found += [row for row in listed if row[part] == name]
    assert len(found) == 4
    return {row["health"] for row in found}


def test_nothing_has_stalled_soon_after_an_item_regressed(folder: Path) -> None:
    assert "stalled" not in healths(folder, "2020-05-21")
    assert "stalled" not in healths(folder, "2020-06-16")


def test_campaign_repository_team_and_milestone_have_stalled_after_four_weeks(folder: Path) -> None:
    assert healths(folder, "2020-06-17") == {"stalled"}


def test_nothing_has_stalled_in_the_first_weeks_of_a_campaign(folder: Path) -> None:
    assert "stalled" not in healths(folder, "2020-01-19")


@pytest.mark.parametrize("today", [date(2020, 5, 21), date(2020, 6, 17)])
def test_the_counted_status_equals_the_status_read_from_repositories(
    folder: Path, today: date
) -> None:
    (campaign,) = load(folder / "campaigns", {}).campaigns
    with open_store(folder / "headway.duckdb") as store:
        row = CampaignMetrics(store, campaign, today).status
        assert counted_status(store, campaign, today)[0] == row
