"""How it went: the series of a campaign with its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from headway.answers.campaigns import CampaignView, view
from headway.answers.records import BurndownPoint
from headway.definition.campaign import Campaign
from headway.progress.ledger import Movement
from headway.progress.series import Period, series
from headway.store.reading import Reader


def burndown(
    store: Reader,
    campaign: Campaign,
    *,
    today: date,
    period: Period = "week",
    team: str | None = None,
) -> list[BurndownPoint]:
    """One point a period from the campaign's first day to today, oldest first.

    team: only what this team has; None for all.
    """
    return burndown_of(store, view(store, campaign, today), period=period, team=team)


def burndown_of(
    store: Reader, seen: CampaignView, *, period: Period, team: str | None = None
) -> list[BurndownPoint]:
    """The same for a view that is there already."""
    if seen.record is None:
        return []
    moved = [
        (day, seen.terms[rule].weight, movement)
        for day, rule, its_team, movement in store.movements(
            seen.campaign.id, by_team=team is not None
        )
        if seen.is_deprecated(rule) and (team is None or its_team == team)
    ]
    return _points(seen, moved, period, team)


def _points(
    seen: CampaignView,
    moved: Sequence[tuple[date, float, Movement]],
    period: Period,
    team: str | None,
) -> list[BurndownPoint]:
    if seen.first_day > seen.today:
        return []
    return [
        BurndownPoint(
            campaign=seen.campaign.id,
            team=team,
            date=point.last,
            open=point.open,
            exempt=point.exempt,
            fixed_total=point.fixed,
            completion=point.completion,
            coverage=seen.coverage(point.last),
            new=point.moved.new,
            regressed=point.moved.regressed,
            entered=point.moved.entered,
            lapsed=point.moved.lapsed,
            fixed=point.moved.fixed,
            left=point.moved.left,
            exempted=point.moved.exempted,
        )
        for point in series(moved, seen.first_day, seen.today, period)
    ]
