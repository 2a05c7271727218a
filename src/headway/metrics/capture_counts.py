"""What each repository has of each grade, and when that changed: from openings to counts."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import NamedTuple

from headway.metrics.burndown_series import Owners
from headway.metrics.campaign_view import CampaignView
from headway.model.campaign import Role
from headway.model.days import ALWAYS, Span
from headway.model.store_records import CapturedRow
from headway.progress.exemptions import ExemptionPeriod, exemption_periods_for
from headway.progress.ledger import plain_changes
from headway.progress.ledger_input import Episodes
from headway.progress.ownership_history import OwnershipHistory, Rules
from headway.store.exemption_tables import exemption_period_of
from headway.store.owner_history import ownership_histories
from headway.store.row_codec import episode_of
from headway.store.store_reader import Store

NO_VALUE = "(none)"
"""Of what a rule found without capturing anything, or nothing but an empty text."""


class CapturedValue(NamedTuple):
    """What one series is about. value: None for all values beyond the limit."""

    role: Role
    value: str | None


Changes = dict[int, list[int]]
"""The number of a period to how many more open, exempt and fixed items there are at its end."""

Holding = dict[str, Changes]
"""Repository to what changes in it."""

_Items = Sequence[Sequence[CapturedRow]]
"""All openings of each item."""

_Step = tuple[date, int, int, int]
"""(day, change of what is open, exempt, fixed)"""


@dataclass(frozen=True, slots=True)
class Question:
    """capture: by which items are graded. days: the last of each period. team, owners: as in
    `burndown`.
    """

    capture: str
    days: Sequence[date]
    team: str | None
    owners: Owners


def holdings(
    store: Store, view: CampaignView, rows: Sequence[CapturedRow], question: Question
) -> dict[CapturedValue, Holding]:
    """rows: by repository and item. What comes after the last period is left out."""
    booking = _Booking(store, view, rows, question)
    places: dict[date, int] = {}
    found: dict[CapturedValue, Holding] = defaultdict(dict)
    for repository, group in groupby(rows, key=lambda row: row.repository):
        steps = booking.of(repository)
        for grade, items in _by_grade(view, group, question.capture).items():
            changes: Changes = {}
            for day, *amounts in steps(items):
                if day not in places:
                    places[day] = bisect_left(question.days, day)
                add(changes, places[day], amounts)
            changes.pop(len(question.days), None)
            found[grade][repository] = changes
    return found


def add(changes: Changes, place: int, amounts: Sequence[int]) -> None:
    """More of what changes in one period."""
    known = changes.get(place)
    if known is None:
        changes[place] = list(amounts)
    else:
        known[0] += amounts[0]
        known[1] += amounts[1]
        known[2] += amounts[2]


def _by_grade(
    view: CampaignView, rows: Iterable[CapturedRow], capture: str
) -> dict[CapturedValue, list[list[CapturedRow]]]:
    """All openings of an item go by the value that it was last seen with."""
    by_grade: dict[CapturedValue, list[list[CapturedRow]]] = defaultdict(list)
    for _, group in groupby(rows, key=lambda row: row.item):
        openings = list(group)
        replaces = view.terms[openings[0].rule].replacement
        role: Role = "replacement" if replaces else "deprecated"
        value = openings[-1].captures.get(capture) or NO_VALUE
        by_grade[CapturedValue(role, value)].append(openings)
    return by_grade


class _Booking:
    """Books items just as the campaign's ledger is booked."""

    def __init__(
        self, store: Store, view: CampaignView, rows: Sequence[CapturedRow], question: Question
    ) -> None:
        self._seen = view
        self._team, self._owners = question.team, question.owners
        self._waivers = [
            exemption_period_of(record) for record in store.exemptions.records(view.campaign.id)
        ]
        self._tenures = _tenures(
            store, view, sorted({row.repository for row in rows}), question.team
        )

    def of(self, repository: str) -> Callable[[_Items], Iterator[_Step]]:
        """How items of one repository are booked."""
        spans = self._seen.spans.get(repository, ())
        waivers = exemption_periods_for(
            self._waivers, self._seen.repositories[repository].listed.name
        )
        if self._team is None and spans == ALWAYS and not waivers:
            return self._plainly
        return partial(self._by_ledger, self._tenures[repository], spans, waivers)

    def _plainly(self, items: _Items) -> Iterator[_Step]:
        for openings in items:
            for day, opened, fixed in plain_changes(openings, self._seen.first_day):
                yield day, opened, 0, fixed

    def _by_ledger(
        self,
        tenures: OwnershipHistory,
        spans: Sequence[Span],
        waivers: Sequence[ExemptionPeriod],
        items: _Items,
    ) -> Iterator[_Step]:
        rows = [episode_of(row) for openings in items for row in openings]
        episodes = Episodes(rows, tenures, waivers, self._seen.first_day)
        then = episodes.book_then(spans) if self._owners == "historical" else None
        ledger = episodes.book_now(spans) if then is None else then
        for (_, team, day), moved in ledger.items():
            if self._team in (None, team):
                yield day, moved.open_change, moved.exempt_change, moved.fixed_change


def _tenures(
    store: Store, view: CampaignView, repositories: Sequence[str], team: str | None
) -> Mapping[str, OwnershipHistory]:
    listed = [view.repositories[key].listed for key in repositories]
    if team is None:
        # for all teams together it makes no difference who has what
        return {each.key: OwnershipHistory(Rules(each.name)) for each in listed}
    return ownership_histories(
        store.ownership, listed, store.ownership.team_lists(), store.ownership.groups()
    )
