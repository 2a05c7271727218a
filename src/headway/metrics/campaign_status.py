"""The status of campaigns, and of the repositories, teams and milestones in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from headway.metrics.campaign_forecast import campaign_forecast
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_view import bare_view, gaps_until
from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import InexactDays, StatusRow
from headway.metrics.status_rows import campaign_row
from headway.metrics.weekly_ledger import weekly_ledger
from headway.model.campaign import Campaign
from headway.progress.snapshots import RulesByUse
from headway.progress.state import Holdings, State, repository_state
from headway.store.store_reader import Store

By = Literal["repository", "team", "milestone"]


def status(
    store: Store, campaigns: Sequence[Campaign], *, today: date, by: By | None = None
) -> list[StatusRow]:
    """Return one row per campaign, or per repository, team or milestone of each campaign."""
    if by is None:
        return [counted_status(store, campaign, today)[0] for campaign in campaigns]
    rows: list[StatusRow] = []
    repositories = store.repositories.records()
    for campaign in campaigns:
        metrics = CampaignMetrics(store, campaign, today, repositories)
        if by == "repository":
            rows += metrics.repository_rows
        else:
            rows += metrics.team_rows if by == "team" else metrics.milestone_rows
    return rows


def counted_status(
    store: Store, campaign: Campaign, today: date
) -> tuple[StatusRow, CampaignForecast]:
    """Return a campaign's status and forecast, based on counts that the store computes.

    The results equal those of `CampaignMetrics`, which reads every repository, except that the
    forecast does not contain the causes of delays. This function is many times faster, but covers
    only the campaign as a whole.
    """
    view = bare_view(store, campaign, today)
    view = replace(view, gaps=gaps_until(store, view))
    if not view.is_early:
        totals = tuple(store.ledger.totals(campaign.id, today))
        view = replace(view, totals_by_repository=totals)
    rules = RulesByUse.of(view.terms)
    counts = store.states.count(campaign.id, today, rules)
    states: list[State] = []
    for count in counts:
        holdings = Holdings(
            count.open,
            count.fixed,
            count.exempt,
            count.exempt_fixed,
            count.missing,
            count.left,
            rules.affected(matched=count.matched),
        )
        if view.is_early:
            holdings = Holdings()
        states += [repository_state(holdings, unknown=count.unknown)] * count.repositories
    unknown_now = sum(count.repositories for count in counts if count.unknown_now)
    ledger = weekly_ledger(store, view, by_team=False)
    forecast = campaign_forecast(view, ledger, unknown=unknown_now)
    inexact: tuple[InexactDays, ...] = ()
    if view.gaps:
        inexact = view.inexact(store.scope.members(campaign.id, today))
    return campaign_row(view, forecast, states, inexact), forecast
