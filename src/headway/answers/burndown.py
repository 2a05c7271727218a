"""How it went: the series of a campaign with its ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Literal

from headway.answers.campaigns import CampaignView, outline
from headway.answers.records import BurndownPoint
from headway.definition.campaign import Campaign
from headway.progress.ledger import Movement
from headway.progress.series import Period, periods, series
from headway.store.reading import Reader

Owners = Literal["now", "then"]
OWNERS: tuple[Owners, ...] = ("now", "then")
"""Those of today over all of history, or those of each day."""


def burndown(
    store: Reader,
    campaign: Campaign,
    *,
    today: date,
    period: Period = "week",
    team: str | None = None,
    owners: Owners = "now",
) -> list[BurndownPoint]:
    """One point a period from the campaign's first day to today, oldest first.

    team: only what this team has; None for all. owners: today's over all of history, or those of
    each day.
    """
    seen = outline(store, campaign, today)
    return burndown_of(store, seen, period=period, team=team, owners=owners)


def burndown_of(
    store: Reader,
    seen: CampaignView,
    *,
    period: Period,
    team: str | None = None,
    owners: Owners = "now",
) -> list[BurndownPoint]:
    """The same for a view that is there already."""
    if seen.record is None:
        return []
    moved = [
        (day, seen.terms[rule].weight, movement)
        for day, rule, _, movement in store.movements(
            seen.campaign.id,
            by_team=False,
            # for all teams together it makes no difference
            owners="now" if team is None else owners,
            only=team,
        )
        if seen.is_deprecated(rule)
    ]
    return _points(seen, moved, period, team)


def burndowns_by(
    store: Reader,
    seen: CampaignView,
    parts: Literal["team", "rule"],
    owners: Owners = "now",
) -> dict[str, tuple[BurndownPoint, ...]]:
    """Every team's or rule's own weekly series, by name; all of them have the same dates."""
    if seen.record is None:
        return {}
    moved: dict[str, list[tuple[date, float, Movement]]] = defaultdict(list)
    for day, rule, team, movement in store.movements_by_week(
        seen.campaign.id, seen.first_day, seen.today, parts, owners
    ):
        if seen.is_deprecated(rule):
            name = rule if parts == "rule" else team or ""
            moved[name].append((day, seen.terms[rule].weight, movement))
    # it is the same for all of them, and costs a look at every repository
    covered = seen.coverages(list(periods(seen.first_day, seen.today, "week")))
    return {
        name: tuple(_points(seen, moved[name], "week", name if parts == "team" else None, covered))
        for name in sorted(moved)
    }


def _points(
    seen: CampaignView,
    moved: Sequence[tuple[date, float, Movement]],
    period: Period,
    team: str | None,
    covered: Sequence[float | None] | None = None,
) -> list[BurndownPoint]:
    """covered: what `coverages` says of these periods, for whoever has it."""
    if seen.first_day > seen.today:
        return []
    points = series(moved, seen.first_day, seen.today, period)
    if covered is None:
        covered = seen.coverages([point.last for point in points])
    return [
        BurndownPoint(
            campaign=seen.campaign.id,
            team=team,
            date=point.last,
            open=point.open,
            exempt=point.exempt,
            fixed_total=point.fixed,
            completion=point.completion,
            coverage=coverage,
            new=point.moved.new,
            regressed=point.moved.regressed,
            entered=point.moved.entered,
            lapsed=point.moved.lapsed,
            fixed=point.moved.fixed,
            left=point.moved.left,
            exempted=point.moved.exempted,
            received=point.moved.received,
            handed_over=point.moved.handed_over,
        )
        for point, coverage in zip(points, covered, strict=True)
    ]
