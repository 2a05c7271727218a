"""What answers read in bulk says the same as what they would read one by one."""

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
    weekly_entries,
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


# the first day of a campaign, days in the middle of a week and at its ends, and long after it
@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_whole_weeks_give_the_forecast_that_days_give(folder: Path, store: Store, ago: int) -> None:
    for seen in views(folder, store, TODAY - timedelta(days=ago)):
        daily, weekly = booked_by_day(store, seen), weekly_entries(store, seen)
        assert len(weekly) < len(daily) or ago == 280
        assert campaign_forecast(seen, weekly) == campaign_forecast(seen, daily)
        assert team_forecasts(seen, weekly) == team_forecasts(seen, daily)


@pytest.mark.parametrize("ago", [200, 8, 0, -30])
def test_a_milestone_is_forecast_from_the_days_of_its_own_repositories(
    folder: Path, store: Store, ago: int
) -> None:
    seen, without = views(folder, store, TODAY - timedelta(days=ago))
    members = milestone_members(seen)
    assert not without.campaign.milestones
    assert any(0 < len(keys) < len(seen.members) for keys in members.values())
    found = milestone_forecasts(store, seen, members)
    for milestone, keys in members.items():
        daily = [each for each in booked_by_day(store, seen) if each.repository in keys]
        expected = campaign_forecast(seen, daily)
        assert found[milestone.name].fan == expected.fan
        assert found[milestone.name].quantiles == expected.quantiles
        assert found[milestone.name].weeks == expected.weeks


def booked_by_day(store: Store, seen: CampaignView) -> list[LedgerEntry]:
    """Every movement of every repository, on its day."""
    found = store.ledger.entries(seen.campaign.id, seen.today)
    return [each for each in found if seen.is_deprecated(each.rule)]


@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_counted_in_the_store_a_campaign_stands_as_its_repositories_say(
    folder: Path, store: Store, ago: int
) -> None:
    seen = views(folder, store, TODAY - timedelta(days=ago))
    counted = status(store, [each.campaign for each in seen], today=seen[0].today)
    assert counted == [CampaignMetrics(store, each.campaign, each.today).status for each in seen]


@pytest.mark.parametrize("ago", [280, 200, 8, 5, 4, 1, 0, -30])
def test_every_teams_weeks_are_what_its_days_come_to(folder: Path, store: Store, ago: int) -> None:
    for seen in views(folder, store, TODAY - timedelta(days=ago)):
        series = Burndowns(store, seen)
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
def test_how_long_a_team_has_had_something_open_is_what_its_days_say(
    folder: Path, store: Store, ago: int
) -> None:
    for seen in views(folder, store, TODAY - timedelta(days=ago)):
        days: dict[str, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for each in booked_by_day(store, seen):
            days[each.team][each.day][0] += each.movement.open_change
            days[each.team][each.day][1] += each.movement.fixed
        rules = [rule.id for rule in seen.campaign.deprecated]
        asked = [*days, "nobody"]
        team_activity = store.ledger.team_activity(seen.campaign.id, seen.today, rules, asked)
        assert [pace.team for pace in team_activity] == sorted(days)
        assert team_activity == [pace_of(team, days[team]) for team in sorted(days)]
        assert store.ledger.team_activity(seen.campaign.id, seen.today, rules, asked[:1]) == [
            pace for pace in team_activity if pace.team == asked[0]
        ]


def pace_of(team: str, days: dict[date, list[int]]) -> Pace:
    held, since, last_fix = 0, None, None
    for day, (change, fixed) in sorted(days.items()):
        since = day if held <= 0 < held + change else since
        held += change
        last_fix = day if fixed else last_fix
    return Pace(team, held, since, last_fix)


def test_every_repository_stands_as_its_own_movements_say(folder: Path, store: Store) -> None:
    for seen in views(folder, store, TODAY):
        totals_by_repository = defaultdict(list)
        for row in store.ledger.totals_by_repository(seen.campaign.id, TODAY):
            totals_by_repository[row.repository].append(row)
        assert set(seen.standings) == set(seen.members)
        for key, (standing, state) in seen.standings.items():
            assert standing == standing_of(totals_by_repository[key], seen.terms, TODAY)
            assert (state == "unknown") == (key in seen.unknowns)
        states = {state for _, state in seen.standings.values()}
        assert {"open", "unknown", "not affected"} <= states


@pytest.mark.parametrize("ago", [200, 5, 0])
def test_what_happened_in_a_repository_ends_where_it_stands(
    folder: Path, store: Store, ago: int
) -> None:
    today = TODAY - timedelta(days=ago)
    seen_by_campaign = views(folder, store, today)
    keys = sorted(seen_by_campaign[0].repositories)
    past = past_weeks(store, [seen.campaign for seen in seen_by_campaign], keys, today)
    for seen in seen_by_campaign:
        stands = {key: row.open for key, row in zip(seen.members, rows_of(seen), strict=True)}
        for key in seen.members:
            weeks = past.get(key, {}).get(seen.campaign.id, ())
            assert (weeks[-1].open if weeks else 0) == stands[key]
            assert [week.day for week in weeks] == sorted({week.day for week in weeks})
            assert all(week.day <= today for week in weeks)
            # every day of a past week is booked on its Sunday
            assert all(week.day.isoweekday() == 7 for week in weeks if week.day < today)


def rows_of(seen: CampaignView) -> list[StatusRow]:
    """Of the members alone, in their order."""
    return repository_rows(seen, {})[: len(seen.members)]


def test_what_is_asked_of_some_repositories_is_answered_of_no_other(
    folder: Path, store: Store
) -> None:
    campaigns = [seen.campaign for seen in views(folder, store, TODAY)]
    keys = sorted(views(folder, store, TODAY)[0].members)
    everywhere = past_weeks(store, campaigns, keys, TODAY)
    assert set(everywhere) <= set(keys)
    some = [key for key in keys if key in everywhere][:3]
    assert past_weeks(store, campaigns, some, TODAY) == {key: everywhere[key] for key in some}
    assert past_weeks(store, campaigns, [], TODAY) == {}
