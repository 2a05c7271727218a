"""Series that count items by captured value, such as a version."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate

from headway.metrics.burndown_series import Owners
from headway.metrics.campaign_view import CampaignView
from headway.metrics.capture_counts import (
    NO_VALUE,
    CapturedValue,
    Changes,
    RepositoryChanges,
    SeriesQuery,
    add,
    count_changes,
)
from headway.metrics.records import SeriesPoint
from headway.model.store_records import CapturedRow
from headway.progress.series import Period, periods
from headway.store.store_reader import Store

LIMIT = 8
"""The default number of values with their own series. All other values share one series."""

_Counts = list[tuple[int, int, int, int]]
"""(Open, exempt, fixed, repositories with open items) at the end of each period."""


def captures(store: Store, view: CampaignView) -> list[str]:
    """Return the sorted names of all captures, except those of `applies_to` rules."""
    return sorted({name for row in _captured_rows(store, view) for name in row.captures})


def all_capture_series(
    store: Store, view: CampaignView, limit: int = LIMIT
) -> dict[str, tuple[tuple[SeriesPoint, ...], ...]]:
    """Return the weekly series of all captures, by capture name."""
    rows = _captured_rows(store, view)
    return {
        name: tuple(capture_series(store, view, name, limit=limit, rows=rows))
        for name in sorted({name for row in rows for name in row.captures})
    }


def capture_series(
    store: Store,
    view: CampaignView,
    capture: str,
    *,
    period: Period = "week",
    team: str | None = None,
    owners: Owners = "current",
    limit: int = LIMIT,
    rows: Sequence[CapturedRow] | None = None,
) -> list[tuple[SeriesPoint, ...]]:
    """Return the series of each captured value, sorted by value. All have the same dates.

    Values of deprecated rules come before values of required rules. The values with the highest
    peaks have their own series. On each day, an item is counted under the value that it has on that
    day. If no rule has the named capture, the list is empty.

    Args:
        store: The store.
        view: The campaign. Its repository states are not needed.
        capture: The name of the capture.
        period: The length of a period.
        team: The team whose items are counted. None means all teams.
        owners: Whether items belong to their current owners on all days, or to their owners on each
            day.
        limit: The maximum number of values with their own series.
        rows: All openings with captures. None means that they are read from the store.
    """
    rows = _captured_rows(store, view) if rows is None else rows
    rules = {row.rule for row in rows if capture in row.captures}
    if not rules or view.record is None or view.first_day > view.today:
        return []
    days = list(periods(view.first_day, view.today, period))
    wanted = [row for row in rows if row.rule in rules]
    changes_of = count_changes(store, view, wanted, SeriesQuery(capture, days, team, owners))
    shown = _largest(changes_of, len(days), limit)
    return [
        tuple(
            SeriesPoint(
                view.campaign.id, team, capture, captured.role, captured.value, day, *counts
            )
            for day, counts in zip(days, shown[captured], strict=True)
        )
        for captured in sorted(shown, key=_order)
    ]


def _captured_rows(store: Store, view: CampaignView) -> list[CapturedRow]:
    return [
        row
        for row in store.items.captured(view.campaign.id)
        if row.rule in view.terms and view.terms[row.rule].role != "applies_to"
    ]


def _largest(
    changes_of: Mapping[CapturedValue, RepositoryChanges], length: int, limit: int
) -> dict[CapturedValue, _Counts]:
    """Return the counts of the values with the highest peaks, and of all other values of each role.

    Values that have no open or exempt items at the end of any period are omitted.
    """
    counts = {captured: _counts(changes, length) for captured, changes in changes_of.items()}
    peaks = {
        captured: max(opened + exempt for opened, exempt, _, _ in periods)
        for captured, periods in counts.items()
    }
    existing = sorted((captured for captured, peak in peaks.items() if peak), key=_order)
    ranked = sorted(existing, key=lambda captured: -peaks[captured])
    others: dict[CapturedValue, dict[str, Changes]] = defaultdict(lambda: defaultdict(dict))
    for captured in ranked[limit:]:
        for repository, changes in changes_of[captured].items():
            total = others[CapturedValue(captured.role, None)][repository]
            for period, amounts in changes.items():
                add(total, period, amounts)
    shown = {captured: counts[captured] for captured in ranked[:limit]}
    return shown | {captured: _counts(changes, length) for captured, changes in others.items()}


def _counts(changes_of: RepositoryChanges, length: int) -> _Counts:
    opened, exempt, fixed, repositories = columns = [[0] * length for _ in range(4)]
    for changes in changes_of.values():
        still_open = 0
        for period, amounts in sorted(changes.items()):
            before, still_open = still_open, still_open + amounts[0]
            opened[period] += amounts[0]
            exempt[period] += amounts[1]
            fixed[period] += amounts[2]
            repositories[period] += (still_open > 0) - (before > 0)
    return list(zip(*(accumulate(column) for column in columns), strict=True))


def _order(captured: CapturedValue) -> tuple[bool, int, list[tuple[bool, int, str]]]:
    """Return a sort key by role that puts 1.9 before 1.10, and missing and combined values last."""
    digits = [
        (number % 2 == 1, part.lstrip("0") if number % 2 else part)
        for number, part in enumerate(re.split(r"([0-9]+)", captured.value or ""))
    ]
    keys = [(is_number, len(part) if is_number else 0, part) for is_number, part in digits]
    last = {NO_VALUE: 1, None: 2}.get(captured.value, 0)
    return captured.role == "required", last, keys
