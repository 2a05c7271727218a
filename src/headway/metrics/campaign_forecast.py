"""Forecasts of a campaign, and of its teams and milestones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from headway.metrics.campaign_delays import with_delays
from headway.metrics.campaign_view import CampaignView, campaign_view, milestone_members
from headway.metrics.forecast_records import (
    CampaignForecast,
    ForecastPoint,
    ForecastQuantile,
    ForecastRecord,
    PastForecastRow,
)
from headway.metrics.weekly_ledger import WeeklyLedger, weekly_ledger
from headway.model.campaign import Campaign, Milestone
from headway.progress.forecast import HORIZON_WEEKS, forecast
from headway.progress.forecast_history import forecast_history
from headway.store.store_reader import Store

HORIZON_YEARS = HORIZON_WEEKS // 52
_NOTHING_OPEN = "no items are open"
_NOT_SCANNED = "not scanned yet"

ForecastBy = Literal["team", "milestone"]


def forecasts(
    store: Store,
    campaign: Campaign,
    *,
    today: date,
    team: str | None = None,
    by: ForecastBy | None = None,
) -> list[CampaignForecast]:
    """Return the forecast of a campaign, or one forecast for each team or milestone.

    Args:
        store: The store.
        campaign: The campaign.
        today: The day on which to make the forecasts.
        team: The only team whose forecast is returned. The result is empty for a team
            that never had an item.
        by: Whether to return one forecast per team or per milestone. None means a single forecast,
            either of `team` or of the whole campaign.
    """
    view = campaign_view(store, campaign, today)
    if by == "milestone":
        return list(milestone_forecasts(store, view, milestone_members(view)).values())
    ledger = weekly_ledger(store, view)
    if by is None and team is None:
        return [with_delays(store, view, ledger, campaign_forecast(view, ledger))]
    by_team = team_forecasts(view, ledger)
    return [forecast for name, forecast in by_team.items() if team in (None, name)]


def campaign_forecast(
    view: CampaignView, ledger: WeeklyLedger, unknown: int | None = None
) -> CampaignForecast:
    """Return the forecast of the whole campaign.

    Args:
        view: The campaign.
        ledger: The result of `weekly_ledger`.
        unknown: The number of unknown repositories in scope. None means that they are counted in
            `view`.
    """
    if unknown is None:
        unknown = sum(1 for key in view.members if key in view.unknowns)
    return _forecast(view, ledger, unknown=unknown)


def forecast_record(view: CampaignView, ledger: WeeklyLedger) -> ForecastRecord:
    """Return the forecasts that would have been made for the whole campaign in past weeks."""
    history = forecast_history(ledger.history(view), view.prior)
    p50_passed, p85_passed = history.passed(view.today)
    rows = (PastForecastRow(past.day, past.middle, past.high) for past in history.forecasts)
    return ForecastRecord(tuple(rows), history.finish, p50_passed, p85_passed)


def team_forecasts(
    view: CampaignView, ledger: WeeklyLedger, *, fan: bool = True
) -> dict[str, CampaignForecast]:
    """Return one forecast for each team that has or had items, by team name.

    Args:
        view: The campaign.
        ledger: The result of `weekly_ledger`.
        fan: Whether to compute the fans, the ranges of open items in future weeks. They nearly
            double the run time.
    """
    unknown_of: dict[str, set[str]] = defaultdict(set)
    unknown = view.unknowns.keys() & set(view.members)
    for row in view.totals_by_repository:
        if row.repository in unknown and view.is_counted(row.rule):
            unknown_of[row.team].add(row.repository)
    return {
        team: _forecast(
            view, ledger.of_team(team), team=team, unknown=len(unknown_of[team]), fan=fan
        )
        for team in sorted({entry.team for entry in ledger.entries})
    }


def milestone_forecasts(
    store: Store, view: CampaignView, members_of: Mapping[Milestone, Sequence[str]]
) -> dict[str, CampaignForecast]:
    """Return one forecast for each milestone, by milestone name.

    Each forecast covers the milestone's repositories and uses its due date.

    Args:
        store: The store.
        view: The campaign.
        members_of: The result of `milestone_members`.
    """
    forecasts = {}
    for milestone, members in members_of.items():
        with_items = [key for key in members if key in view.by_repository]
        forecasts[milestone.name] = _forecast(
            view,
            weekly_ledger(store, view, with_items, by_team=False),
            milestone=milestone,
            unknown=sum(1 for key in members if key in view.unknowns),
        )
    return forecasts


def _forecast(
    view: CampaignView,
    ledger: WeeklyLedger,
    *,
    unknown: int,
    team: str | None = None,
    milestone: Milestone | None = None,
    fan: bool = True,
) -> CampaignForecast:
    due = milestone.due if milestone else view.campaign.due
    moved = view.definition.milestones[milestone.name] if milestone else view.definition.due
    found = forecast(ledger.history(view), due=due, prior=view.prior, fan=fan)
    finished = not found.open
    reason = found.reason
    if finished:
        reason = _NOT_SCANNED if view.record is None else _nothing_open(unknown)
    return CampaignForecast(
        campaign=view.campaign.id,
        team=team,
        today=view.today,
        open=found.open,
        due=due,
        reason=reason,
        p50=None if finished else found.p50,
        p85=None if finished else found.p85,
        horizon=HORIZON_YEARS,
        chance=None if finished else found.chance,
        pace=found.pace_seen,
        pace_year=found.pace_year,
        pace_needed=found.pace_needed,
        growth=found.growth,
        weeks=found.weeks,
        fixing_weeks=found.fixing_weeks,
        unknown=unknown,
        quantiles=()
        if finished
        else tuple(ForecastQuantile(quantile.share, quantile.day) for quantile in found.quantiles),
        fan=tuple(
            ForecastPoint(point.day, point.low, point.median, point.high) for point in found.fan
        ),
        milestone=milestone.name if milestone else None,
        due_moves=moved.moves,
        due_slips=moved.slips,
        due_slip_days=moved.days,
        definition_changed=view.definition.changed,
        residual=found.residual,
        stall=found.stall,
        own_campaigns=view.prior.own,
    )


def _nothing_open(unknown: int) -> str:
    """Return the reason for a missing forecast if no known items are open.

    Unknown repositories can have open items.
    """
    if not unknown:
        return _NOTHING_OPEN
    lacking = f"the state of {unknown} of the repositories in scope is unknown"
    return f"no known items are open, and {lacking}"
