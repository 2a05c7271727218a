"""When it ends: the forecast of a campaign, and of each team's part of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from headway.metrics.campaign_state import CampaignView, milestone_members, view
from headway.metrics.records import (
    CampaignForecast,
    ForecastPoint,
    ForecastQuantile,
    ForecastRecord,
    PastForecastRow,
)
from headway.model.campaign import Campaign, Milestone
from headway.model.store_records import LedgerEntry
from headway.progress.forecast import HORIZON_WEEKS, forecast
from headway.progress.forecast_history import record
from headway.progress.weekly_history import History, history_of
from headway.store.store_reader import Store

HORIZON_YEARS = HORIZON_WEEKS // 52
OVER = "nothing is open"
UNSEEN = "not scanned yet"

ForecastBy = Literal["team", "milestone"]


def forecasts(
    store: Store,
    campaign: Campaign,
    *,
    today: date,
    team: str | None = None,
    by: ForecastBy | None = None,
) -> list[CampaignForecast]:
    """One answer for the campaign, or for each of its teams or milestones.

    team: only this one; no answer when it never had an item.
    """
    seen = view(store, campaign, today)
    if by == "milestone":
        return list(milestone_forecasts(store, seen, milestone_members(seen)).values())
    movements = booked_by_week(store, seen)
    if by is None and team is None:
        return [campaign_forecast(seen, movements)]
    by_team = team_forecasts(seen, movements)
    return [each for name, each in by_team.items() if team in (None, name)]


def booked_by_week(
    store: Store, seen: CampaignView, repositories: Sequence[str] | None = None
) -> list[LedgerEntry]:
    """Every movement up to today of the items that have to go.

    All repositories are one, and seven days are one: it makes no difference to a forecast.
    repositories: keys of those that count; None for all.
    """
    found = store.ledger.entries_by_week(seen.campaign.id, seen.today, repositories=repositories)
    return [each for each in found if seen.is_deprecated(each.rule)]


def campaign_forecast(
    seen: CampaignView, movements: Iterable[LedgerEntry], unknown: int | None = None
) -> CampaignForecast:
    """The whole campaign. movements: what `booked_by_week` gives.

    unknown: how many repositories in scope something is unknown of, where `seen` does not tell.
    """
    if unknown is None:
        unknown = sum(1 for key in seen.members if key in seen.unknowns)
    return _answer(seen, movements, team=None, unknown=unknown, due=seen.campaign.due)


def forecast_record(seen: CampaignView, movements: Iterable[LedgerEntry]) -> ForecastRecord:
    """What was said of the whole campaign in past weeks; arguments as of `campaign_forecast`."""
    found = record(_history(seen, movements))
    middles, highs = found.passed(seen.today)
    told = tuple(PastForecastRow(each.day, each.middle, each.high) for each in found.told)
    return ForecastRecord(told, found.finish, middles, highs)


def _history(seen: CampaignView, movements: Iterable[LedgerEntry]) -> History:
    return history_of(
        ((each.repository, each.day, each.movement) for each in movements),
        seen.first_day,
        seen.today,
    )


def team_forecasts(
    seen: CampaignView, movements: Iterable[LedgerEntry]
) -> dict[str, CampaignForecast]:
    """One for each team that has or had items."""
    by_team: dict[str, list[LedgerEntry]] = defaultdict(list)
    for each in movements:
        by_team[each.team].append(each)
    dark: dict[str, set[str]] = defaultdict(set)
    unseen = seen.unknowns.keys() & set(seen.members)
    for row in seen.totals_by_repository:
        if row.repository in unseen and seen.is_deprecated(row.rule):
            dark[row.team].add(row.repository)
    answers = {}
    for team, its in sorted(by_team.items()):
        unknown = len(dark[team])
        answers[team] = _answer(seen, its, team=team, unknown=unknown, due=seen.campaign.due)
    return answers


def milestone_forecasts(
    store: Store, seen: CampaignView, members_of: Mapping[Milestone, Sequence[str]]
) -> dict[str, CampaignForecast]:
    """One for each milestone, by its own due date and repositories.

    members_of: what `milestone_members` gives.
    """
    answers = {}
    for milestone, members in members_of.items():
        its = booked_by_week(store, seen, [key for key in members if key in seen.by_repository])
        unknown = sum(1 for key in members if key in seen.unknowns)
        answer = _answer(seen, its, team=None, unknown=unknown, due=milestone.due)
        answers[milestone.name] = replace(answer, milestone=milestone.name)
    return answers


def _answer(
    seen: CampaignView,
    movements: Iterable[LedgerEntry],
    *,
    team: str | None,
    unknown: int,
    due: date | None,
) -> CampaignForecast:
    found = forecast(_history(seen, movements), due=due)
    over = not found.open
    reason = found.reason
    if over:
        reason = UNSEEN if seen.record is None else _over(unknown)
    return CampaignForecast(
        campaign=seen.campaign.id,
        team=team,
        today=seen.today,
        open=found.open,
        due=due,
        reason=reason,
        p50=None if over else found.p50,
        p85=None if over else found.p85,
        horizon=HORIZON_YEARS,
        chance=None if over else found.chance,
        pace=found.pace_seen,
        pace_needed=found.pace_needed,
        growth=found.growth,
        weeks=found.weeks,
        fixing_weeks=found.fixing_weeks,
        unknown=unknown,
        quantiles=()
        if over
        else tuple(ForecastQuantile(each.share, each.day) for each in found.quantiles),
        fan=tuple(
            ForecastPoint(point.day, point.low, point.median, point.high) for point in found.fan
        ),
    )


def _over(unknown: int) -> str:
    """Unknown is never done, and nobody can say when it will be known."""
    if not unknown:
        return OVER
    return f"nothing known is open, and {unknown} of the repositories in scope are unknown"
