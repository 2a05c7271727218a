"""Bulk queries give the same results as reading one repository, team or day at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.organisation import Size, make_workspace
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.metrics.burndown_series import Burndowns
from headway.metrics.campaign_forecast import (
    campaign_forecast,
    milestone_forecasts,
    team_forecasts,
)
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_status import status
from headway.metrics.campaign_view import (
    CampaignView,
    campaign_view,
    milestone_members,
    standing_of,
)
from headway.metrics.records import StatusRow
from headway.metrics.status_rows import repository_rows
from headway.metrics.weekly_activity import past_weeks
from headway.metrics.weekly_ledger import WeeklyLedger, weekly_ledger
from headway.model.store_records import LedgerEntry, Pace
from headway.plugins import load_scanners
from headway.store.store_reader import Store, open_store

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
    return [campaign_view(store, campaign, today) for campaign in campaigns]


# The days are the first day of a campaign, days within a week and at both ends of a week, and a day
# long after the last scan.
@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_weekly_and_daily_entries_give_the_same_forecast(
    folder: Path, store: Store, ago: int
) -> None:
    for view in views(folder, store, TODAY - timedelta(days=ago)):
        daily, weekly = WeeklyLedger(daily_entries(store, view)), weekly_ledger(store, view)
        assert len(weekly.entries) < len(daily.entries) or ago == 280
        assert campaign_forecast(view, weekly) == campaign_forecast(view, daily)
        assert team_forecasts(view, weekly) == team_forecasts(view, daily)


@pytest.mark.parametrize("ago", [200, 8, 0, -30])
def test_the_forecast_of_a_milestone_uses_only_its_repositories(
    folder: Path, store: Store, ago: int
) -> None:
    view, without = views(folder, store, TODAY - timedelta(days=ago))
    members = milestone_members(view)
    assert not without.campaign.milestones
    assert any(0 < len(keys) < len(view.members) for keys in members.values())
    found = milestone_forecasts(store, view, members)
    for milestone, keys in members.items():
        daily = [entry for entry in daily_entries(store, view) if entry.repository in keys]
        expected = campaign_forecast(view, WeeklyLedger(daily))
        assert found[milestone.name].fan == expected.fan
        assert found[milestone.name].quantiles == expected.quantiles
        assert found[milestone.name].weeks == expected.weeks


def daily_entries(store: Store, view: CampaignView) -> list[LedgerEntry]:
    """Return all daily ledger entries of deprecated rules."""
    found = store.ledger.entries(view.campaign.id, view.today)
    return [entry for entry in found if view.is_counted(entry.rule)]


@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_counted_status_equals_the_status_read_from_repositories(
    folder: Path, store: Store, ago: int
) -> None:
    today = TODAY - timedelta(days=ago)
    campaigns = [view.campaign for view in views(folder, store, today)]
    assert status(store, campaigns, today=today) == [
        CampaignMetrics(store, campaign, today).status for campaign in campaigns
    ]


@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_weekly_series_of_teams_equal_sums_of_days(folder: Path, store: Store, ago: int) -> None:
    for view in views(folder, store, TODAY - timedelta(days=ago)):
        series = Burndowns(store, view)
        for team, points in series.by_team("current").items():
            assert list(points) == series.of_team(team, "week")
        weeks = series.whole("week")
        by_rule = series.by_rule()
        assert [point.open for point in weeks] == [
            sum(counts)
            for counts in zip(
                *([point.open for point in points] for points in by_rule.values()), strict=True
            )
        ]


@pytest.mark.parametrize("ago", [280, 200, 8, 1, 0, -30])
def test_team_activity_equals_the_daily_ledger(folder: Path, store: Store, ago: int) -> None:
    for view in views(folder, store, TODAY - timedelta(days=ago)):
        days: dict[str, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for entry in daily_entries(store, view):
            days[entry.team][entry.day][0] += entry.movement.open_change
            days[entry.team][entry.day][1] += entry.movement.fixed
        rules = [rule.id for rule in view.campaign.deprecated]
        teams = [*days, "nobody"]
        team_activity = store.ledger.team_activity(view.campaign.id, view.today, rules, teams)
        assert [pace.team for pace in team_activity] == sorted(days)
        assert team_activity == [pace_of(team, days[team]) for team in sorted(days)]
        assert store.ledger.team_activity(view.campaign.id, view.today, rules, teams[:1]) == [
            pace for pace in team_activity if pace.team == teams[0]
        ]


def pace_of(team: str, days: dict[date, list[int]]) -> Pace:
    held, since, last_fix = 0, None, None
    for day, (change, fixed) in sorted(days.items()):
        since = day if held <= 0 < held + change else since
        held += change
        last_fix = day if fixed else last_fix
    return Pace(team, held, since, last_fix)


def test_the_state_of_each_repository_follows_from_its_own_ledger(
    folder: Path, store: Store
) -> None:
    for view in views(folder, store, TODAY):
        totals_by_repository = defaultdict(list)
        for row in store.ledger.totals_by_repository(view.campaign.id, TODAY):
            totals_by_repository[row.repository].append(row)
        assert set(view.standings) == set(view.members)
        for key, (standing, state) in view.standings.items():
            assert standing == standing_of(totals_by_repository[key], view.terms, TODAY)
            assert (state == "unknown") == (key in view.unknowns)
        states = {state for _, state in view.standings.values()}
        assert {"open", "unknown", "not affected"} <= states


@pytest.mark.parametrize("ago", [200, 5, 0])
def test_weekly_activity_ends_at_the_current_open_count(
    folder: Path, store: Store, ago: int
) -> None:
    today = TODAY - timedelta(days=ago)
    campaign_views = views(folder, store, today)
    keys = sorted(campaign_views[0].repositories)
    past = past_weeks(store, [view.campaign for view in campaign_views], keys, today)
    for view in campaign_views:
        stands = {key: row.open for key, row in zip(view.members, rows_of(view), strict=True)}
        for key in view.members:
            weeks = past.get(key, {}).get(view.campaign.id, ())
            assert (weeks[-1].open if weeks else 0) == stands[key]
            assert [week.day for week in weeks] == sorted({week.day for week in weeks})
            assert all(week.day <= today for week in weeks)
            # All changes in a past week have the date of that week's Sunday.
            assert all(week.day.isoweekday() == 7 for week in weeks if week.day < today)


def rows_of(view: CampaignView) -> list[StatusRow]:
    """Return the status rows of the repositories in `view.members`, in the same order."""
    return repository_rows(view, {})[: len(view.members)]


def test_weekly_activity_can_be_read_for_some_repositories_only(folder: Path, store: Store) -> None:
    campaigns = [view.campaign for view in views(folder, store, TODAY)]
    keys = sorted(views(folder, store, TODAY)[0].members)
    everywhere = past_weeks(store, campaigns, keys, TODAY)
    assert set(everywhere) <= set(keys)
    some = [key for key in keys if key in everywhere][:3]
    assert past_weeks(store, campaigns, some, TODAY) == {key: everywhere[key] for key in some}
    assert past_weeks(store, campaigns, [], TODAY) == {}
