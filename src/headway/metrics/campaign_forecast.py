"""When it ends: the forecast of a campaign, and of each team's part of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from headway.metrics.campaign_view import CampaignView, campaign_view, milestone_members
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
    view = campaign_view(store, campaign, today)
    if by == "milestone":
        return list(milestone_forecasts(store, view, milestone_members(view)).values())
    movements = booked_by_week(store, view)
    if by is None and team is None:
        return [campaign_forecast(view, movements)]
    by_team = team_forecasts(view, movements)
    return [each for name, each in by_team.items() if team in (None, name)]


def booked_by_week(
    store: Store, view: CampaignView, repositories: Sequence[str] | None = None
) -> list[LedgerEntry]:
    """Every movement up to today of the items that have to go.

    All repositories are one, and seven days are one: it makes no difference to a forecast.
    repositories: keys of those that count; None for all.
    """
    found = store.ledger.entries_by_week(view.campaign.id, view.today, repositories=repositories)
    return [each for each in found if view.is_deprecated(each.rule)]


def campaign_forecast(
    view: CampaignView, movements: Iterable[LedgerEntry], unknown: int | None = None
) -> CampaignForecast:
    """The whole campaign. movements: what `booked_by_week` gives.

    unknown: how many repositories in scope something is unknown of, where `seen` does not tell.
    """
    if unknown is None:
        unknown = sum(1 for key in view.members if key in view.unknowns)
    return _answer(view, movements, team=None, unknown=unknown, due=view.campaign.due)


def forecast_record(view: CampaignView, movements: Iterable[LedgerEntry]) -> ForecastRecord:
    """What was said of the whole campaign in past weeks; arguments as of `campaign_forecast`."""
    found = record(_history(view, movements))
    middles, highs = found.passed(view.today)
    told = tuple(PastForecastRow(each.day, each.middle, each.high) for each in found.told)
    return ForecastRecord(told, found.finish, middles, highs)


def _history(view: CampaignView, movements: Iterable[LedgerEntry]) -> History:
    return history_of(
        ((each.repository, each.day, each.movement) for each in movements),
        view.first_day,
        view.today,
    )


def team_forecasts(
    view: CampaignView, movements: Iterable[LedgerEntry]
) -> dict[str, CampaignForecast]:
    """One for each team that has or had items."""
    by_team: dict[str, list[LedgerEntry]] = defaultdict(list)
    for each in movements:
        by_team[each.team].append(each)
    dark: dict[str, set[str]] = defaultdict(set)
    unseen = view.unknowns.keys() & set(view.members)
    for row in view.totals_by_repository:
        if row.repository in unseen and view.is_deprecated(row.rule):
            dark[row.team].add(row.repository)
    answers = {}
    for team, its in sorted(by_team.items()):
        unknown = len(dark[team])
        answers[team] = _answer(view, its, team=team, unknown=unknown, due=view.campaign.due)
    return answers


def milestone_forecasts(
    store: Store, view: CampaignView, members_of: Mapping[Milestone, Sequence[str]]
) -> dict[str, CampaignForecast]:
    """One for each milestone, by its own due date and repositories.

    members_of: what `milestone_members` gives.
    """
    answers = {}
    for milestone, members in members_of.items():
        its = booked_by_week(store, view, [key for key in members if key in view.by_repository])
        unknown = sum(1 for key in members if key in view.unknowns)
        answer = _answer(view, its, team=None, unknown=unknown, due=milestone.due)
        answers[milestone.name] = replace(answer, milestone=milestone.name)
    return answers


def _answer(
    view: CampaignView,
    movements: Iterable[LedgerEntry],
    *,
    team: str | None,
    unknown: int,
    due: date | None,
) -> CampaignForecast:
    found = forecast(_history(view, movements), due=due)
    over = not found.open
    reason = found.reason
    if over:
        reason = UNSEEN if view.record is None else _over(unknown)
    return CampaignForecast(
        campaign=view.campaign.id,
        team=team,
        today=view.today,
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
