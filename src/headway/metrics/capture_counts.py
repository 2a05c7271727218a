"""Compute how the number of items with each captured value changes over time."""

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
from headway.store.row_codec import episode_of, versions_of
from headway.store.store_reader import Store

NO_VALUE = "(none)"
"""The value of an item if the rule captured nothing or an empty string."""


class CapturedValue(NamedTuple):
    """Identifies a series by a role and a captured value."""

    role: Role
    """The role of the rules that captured the value."""
    value: str | None
    """The captured value, or None for the combined series of all values without separate series."""


Changes = dict[int, list[int]]
"""Maps the index of a period to the changes in the numbers of open, exempt and fixed items."""

RepositoryChanges = dict[str, Changes]
"""Maps a repository's key to the changes in the repository."""

_Items = Sequence[Sequence[CapturedRow]]
"""The openings of each item. An opening is a period during which an item was open."""

_Change = tuple[date, int, int, int]
"""(Day, change in open items, change in exempt items, change in fixed items)."""


_Steps = Callable[[_Items], Iterator[_Change]]
"""Yields the changes in the numbers of open, exempt and fixed items."""


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """The capture, periods and team for which to compute series."""

    capture: str
    days: Sequence[date]
    """The last day of each period."""
    team: str | None
    """The team whose items are counted. None means all teams."""
    owners: Owners


def count_changes(
    store: Store, view: CampaignView, rows: Sequence[CapturedRow], query: SeriesQuery
) -> dict[CapturedValue, RepositoryChanges]:
    """Count the changes of each captured value in each repository, up to the last period.

    Args:
        store: The store.
        view: The campaign.
        rows: The openings with captures, sorted by repository and item.
        query: The capture, periods and team.
    """
    ledger = _LedgerSteps(store, view, rows, query)
    period_of: dict[date, int] = {}
    found: dict[CapturedValue, RepositoryChanges] = defaultdict(lambda: defaultdict(dict))
    for repository, group in groupby(rows, key=lambda row: row.repository):
        steps = ledger.of(repository)
        items = [list(openings) for _, openings in groupby(group, key=lambda row: row.item)]
        for captured, day, *amounts in _changes_by_value(view, items, steps, query.capture):
            if day not in period_of:
                period_of[day] = bisect_left(query.days, day)
            if period_of[day] < len(query.days):
                add(found[captured][repository], period_of[day], amounts)
    return found


def add(changes: Changes, period: int, amounts: Sequence[int]) -> None:
    """Add `amounts` of open, exempt and fixed items to the changes of one period."""
    known = changes.get(period)
    if known is None:
        changes[period] = list(amounts)
    else:
        known[0] += amounts[0]
        known[1] += amounts[1]
        known[2] += amounts[2]


def _changes_by_value(
    view: CampaignView, items: _Items, steps: _Steps, capture: str
) -> Iterator[tuple[CapturedValue, date, int, int, int]]:
    """Yield the daily changes of each value. An item's value can change over time."""
    unchanging: dict[CapturedValue, list[Sequence[CapturedRow]]] = defaultdict(list)
    for openings in items:
        role = view.terms[openings[0].rule].role
        values = _values(openings, capture)
        if len({value for _, value in values}) == 1:
            unchanging[CapturedValue(role, values[0][1])].append(openings)
            continue
        for value, day, opened, exempt, fixed in _distributed(steps([openings]), values):
            yield CapturedValue(role, value), day, opened, exempt, fixed
    for captured, members in unchanging.items():
        for day, opened, exempt, fixed in steps(members):
            yield captured, day, opened, exempt, fixed


def _values(openings: Sequence[CapturedRow], capture: str) -> list[tuple[date, str]]:
    """Return the values that an item has had, as (first day, value) pairs, oldest first."""
    values: list[tuple[date, str]] = []
    for opening in openings:
        if opening.versions is None:
            values.append((opening.opened_on, opening.captures.get(capture) or NO_VALUE))
            continue
        values += [
            (version.day, dict(version.captures).get(capture) or NO_VALUE)
            for version in versions_of(opening.versions)
        ]
    return values


def _distributed(
    changes: Iterable[_Change], values: Sequence[tuple[date, str]]
) -> Iterator[tuple[str, date, int, int, int]]:
    """Distribute an item's changes among its values over time.

    When the value changes, the item is subtracted from the old value and added to the new one.
    """
    by_day: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for day, *amounts in changes:
        for number, amount in enumerate(amounts):
            by_day[day][number] += amount
    # If the value changes several times on one day, the last value counts.
    value_from = dict(values)
    current = values[0][1]
    counts = [0, 0, 0]
    for day in sorted({*by_day, *value_from}):
        before, current = current, value_from.get(day, current)
        if before != current and any(counts):
            opened, exempt, fixed = counts
            yield before, day, -opened, -exempt, -fixed
            yield current, day, opened, exempt, fixed
        if day in by_day:
            opened, exempt, fixed = by_day[day]
            yield current, day, opened, exempt, fixed
            counts = [known + change for known, change in zip(counts, by_day[day], strict=True)]


class _LedgerSteps:
    """Computes the changes of items in the same way as the ledger."""

    def __init__(
        self, store: Store, view: CampaignView, rows: Sequence[CapturedRow], query: SeriesQuery
    ) -> None:
        self._view = view
        self._team, self._owners = query.team, query.owners
        self._exemptions = [
            exemption_period_of(record) for record in store.exemptions.records(view.campaign.id)
        ]
        self._histories = _histories(
            store, view, sorted({row.repository for row in rows}), query.team
        )

    def of(self, repository: str) -> _Steps:
        """Return the function that yields the changes of items in one repository."""
        spans = self._view.spans.get(repository, ())
        periods = exemption_periods_for(
            self._exemptions, self._view.repositories[repository].listed.name
        )
        if self._team is None and spans == ALWAYS and not periods:
            return self._plainly
        return partial(self._by_ledger, self._histories[repository], spans, periods)

    def _plainly(self, items: _Items) -> Iterator[_Change]:
        for openings in items:
            for day, opened, fixed in plain_changes(openings, self._view.first_day):
                yield day, opened, 0, fixed

    def _by_ledger(
        self,
        histories: OwnershipHistory,
        spans: Sequence[Span],
        periods: Sequence[ExemptionPeriod],
        items: _Items,
    ) -> Iterator[_Change]:
        rows = [episode_of(row) for openings in items for row in openings]
        not_counted = [rule for rule, terms in self._view.terms.items() if not terms.counted]
        episodes = Episodes(rows, histories, periods, self._view.first_day, not_counted)
        then = episodes.book_then(spans) if self._owners == "historical" else None
        ledger = episodes.book_now(spans) if then is None else then
        for (_, team, day), moved in ledger.items():
            if self._team in (None, team):
                yield day, moved.open_change, moved.exempt_change, moved.fixed_change


def _histories(
    store: Store, view: CampaignView, repositories: Sequence[str], team: str | None
) -> Mapping[str, OwnershipHistory]:
    listed = [view.repositories[key].listed for key in repositories]
    if team is None:
        # The sum over all teams does not depend on owners, so the owners are not read.
        return {repository.key: OwnershipHistory(Rules(repository.name)) for repository in listed}
    return ownership_histories(
        store.ownership, listed, store.ownership.team_lists(), store.ownership.groups()
    )
