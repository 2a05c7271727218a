"""What answers read in bulk says the same as what they would read one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.organisation import Size, make_workspace
from headway.answers.burndown import burndown_of, burndowns_by
from headway.answers.campaigns import CampaignView, standing_of, view
from headway.answers.forecast import (
    booked,
    booked_by_week,
    campaign_forecast,
    team_forecasts,
)
from headway.definition.load import load_campaigns
from headway.scan.plugins import load_scanners
from headway.store.reading import Store, open_store
from headway.workspace import shipped_folder

TODAY = date(2026, 3, 27)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bulk") / "workspace"
    size = Size(repositories=40, teams=3, campaigns=2, open_items=400, weeks=40, share=0.6)
    make_workspace(place, size, TODAY)
    return place


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_store(folder / "headway.duckdb") as opened:
        yield opened


def views(folder: Path, store: Store, today: date) -> list[CampaignView]:
    scanners = load_scanners([shipped_folder() / "scanners"])
    campaigns = load_campaigns(folder / "campaigns", scanners).campaigns
    return [view(store, campaign, today) for campaign in campaigns]


# the first day of a campaign, days in the middle of a week and at its ends, and long after it
@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_whole_weeks_give_the_forecast_that_days_give(folder: Path, store: Store, ago: int) -> None:
    for seen in views(folder, store, TODAY - timedelta(days=ago)):
        daily, weekly = booked(store, seen), booked_by_week(store, seen)
        assert len(weekly) < len(daily) or ago == 280
        assert campaign_forecast(seen, weekly) == campaign_forecast(seen, daily)
        assert team_forecasts(seen, weekly) == team_forecasts(seen, daily)


@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_every_teams_weeks_are_what_its_days_come_to(folder: Path, store: Store, ago: int) -> None:
    for seen in views(folder, store, TODAY - timedelta(days=ago)):
        by_team = burndowns_by(store, seen, "team")
        for team, points in by_team.items():
            assert list(points) == burndown_of(store, seen, period="week", team=team)
        weeks = burndown_of(store, seen, period="week")
        by_rule = burndowns_by(store, seen, "rule")
        assert [point.open for point in weeks] == [
            sum(counts)
            for counts in zip(
                *([point.open for point in points] for points in by_rule.values()), strict=True
            )
        ]


def test_every_repository_stands_as_its_own_movements_say(folder: Path, store: Store) -> None:
    for seen in views(folder, store, TODAY):
        stocks = defaultdict(list)
        for row in store.stocks(seen.campaign.id, TODAY):
            stocks[row.repository].append(row)
        assert set(seen.standings) == set(seen.members)
        for key, (standing, state) in seen.standings.items():
            assert standing == standing_of(stocks[key], seen.terms, TODAY)
            assert (state == "unknown") == (key in seen.unknowns)
        states = {state for _, state in seen.standings.values()}
        assert {"open", "unknown", "not affected"} <= states
