"""The burndown series of a campaign, with the changes from its ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Literal

from headway.metrics.campaign_view import CampaignView, outline_view
from headway.metrics.records import BurndownPoint, InexactDays
from headway.model.campaign import Campaign
from headway.model.days import ONE_DAY
from headway.model.movement import Movement
from headway.progress.series import Period, periods, series
from headway.store.store_reader import Store

Owners = Literal["current", "historical"]
"""Whether items belong to their current owners on all days, or to their owners on each day."""

_Row = tuple[date, str, str | None, Movement]
"""(Day, rule ID, team, movement)."""

_Moved = tuple[date, float, Movement]
"""(Day, weight of the rule, movement)."""


def burndown(
    store: Store,
    campaign: Campaign,
    *,
    today: date,
    period: Period = "week",
    team: str | None = None,
    owners: Owners = "current",
) -> list[BurndownPoint]:
    """Return one point per period from the campaign's first day to today, oldest first.

    Args:
        store: The store.
        campaign: The campaign.
        today: The last day of the series.
        period: The length of a period.
        team: The team whose items are counted. None means all teams.
        owners: Whether items belong to their current owners on all days, or to their owners on each
            day.
    """
    burndowns = Burndowns(store, outline_view(store, campaign, today))
    return burndowns.whole(period) if team is None else burndowns.of_team(team, period, owners)


class Burndowns:
    """The burndown series of one campaign. All are empty before its first scan and first day.

    Data that several series share are read only once.
    """

    def __init__(self, store: Store, view: CampaignView) -> None:
        self._store = store
        self._view = view
        self._keys_by_team: dict[Owners, Mapping[str, Sequence[str]]] = {}

    def whole(self, period: Period) -> list[BurndownPoint]:
        """Return the series of the whole campaign."""
        return self._points(self._moved, period, None)

    def of_team(self, team: str, period: Period, owners: Owners = "current") -> list[BurndownPoint]:
        """Return the series of one team's items."""
        if self._view.record is None:
            return []
        rows = self._store.ledger.movements(
            self._view.campaign.id, by_team=False, owners=owners, only=team
        )
        return self._points(self._weighted(rows), period, team, owners)

    def by_rule(self) -> dict[str, tuple[BurndownPoint, ...]]:
        """Return the weekly series of each rule, by rule ID. All series have the same dates."""
        moved: dict[str, list[_Moved]] = defaultdict(list)
        for row in self._by_week("rule", "current"):
            moved[row[1]] += self._weighted([row])
        return {
            rule: tuple(self._points(rows, "week", None)) for rule, rows in sorted(moved.items())
        }

    def by_team(self, owners: Owners) -> dict[str, tuple[BurndownPoint, ...]]:
        """Return the weekly series of each team, by name. All series have the same dates."""
        moved: dict[str, list[_Moved]] = defaultdict(list)
        for row in self._by_week("team", owners):
            moved[row[2] or ""] += self._weighted([row])
        return {
            team: tuple(self._points(rows, "week", team, owners))
            for team, rows in sorted(moved.items())
        }

    def _by_week(self, part: Literal["team", "rule"], owners: Owners) -> list[_Row]:
        view = self._view
        if view.record is None:
            return []
        rows = self._store.ledger.movements_by_week(
            view.campaign.id, view.first_day, view.today, part, owners
        )
        return [row for row in rows if view.is_counted(row[1])]

    @cached_property
    def _moved(self) -> list[_Moved]:
        if self._view.record is None:
            return []
        return self._weighted(self._store.ledger.movements(self._view.campaign.id, by_team=False))

    def _weighted(self, rows: Iterable[_Row]) -> list[_Moved]:
        view = self._view
        return [
            (day, view.terms[rule].weight, movement)
            for day, rule, _, movement in rows
            if view.is_counted(rule)
        ]

    @cached_property
    def _coverages(self) -> dict[date, float | None]:
        """The campaign's daily coverage. None means that no repository is in scope."""
        days = list(periods(self._view.first_day, self._view.today, "day"))
        return dict(zip(days, self._view.coverages(days), strict=True))

    def _coverages_of(
        self, team: str, owners: Owners, days: Sequence[date]
    ) -> dict[date, float | None]:
        """Return the daily coverage of the repositories in which a team has or had items."""
        if owners not in self._keys_by_team:
            view = self._view
            rules = [rule for rule in view.terms if view.is_counted(rule)]
            self._keys_by_team[owners] = self._store.ledger.repositories_by_team(
                view.campaign.id, view.today, rules, owners
            )
        keys = self._keys_by_team[owners].get(team, [])
        return dict(zip(days, self._view.coverages(days, keys), strict=True))

    def _points(
        self,
        moved: Sequence[_Moved],
        period: Period,
        team: str | None,
        owners: Owners = "current",
    ) -> list[BurndownPoint]:
        view = self._view
        if view.record is None or view.first_day > view.today:
            return []
        points = series(moved, view.first_day, view.today, period)
        coverages = (
            self._coverages
            if team is None
            else self._coverages_of(team, owners, [point.last for point in points])
        )
        firsts = chain([view.first_day], (point.last + ONE_DAY for point in points))
        return [
            BurndownPoint(
                campaign=view.campaign.id,
                team=team,
                date=point.last,
                open=point.open,
                exempt=point.exempt,
                fixed_total=point.fixed,
                completion=point.completion,
                coverage=coverages[point.last],
                inexact=self._is_inexact(first, point.last),
                **point.moved.flows(),
            )
            for first, point in zip(firsts, points, strict=False)
        ]

    @cached_property
    def _inexact(self) -> tuple[InexactDays, ...]:
        return self._view.inexact(self._view.spans)

    def _is_inexact(self, first: date, last: date) -> bool:
        return any(run.first <= last and first <= run.last for run in self._inexact)
