"""Grades: how many are on which captured value, such as a version, and since when."""

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
    Holding,
    Question,
    add,
    holdings,
)
from headway.metrics.records import SeriesPoint
from headway.model.store_records import CapturedRow
from headway.progress.series import Period, periods
from headway.store.store_reader import Store

LIMIT = 8
"""How many values have a series of their own; all others together are one more."""

_Counts = list[tuple[int, int, int, int]]
"""(open, exempt, fixed, repositories with something open) at the end of each period."""


def captures(store: Store, view: CampaignView) -> list[str]:
    """The names of everything that the campaign's rules captured, sorted."""
    return sorted({name for row in _graded(store, view) for name in row.captures})


def all_capture_series(
    store: Store, view: CampaignView, limit: int = LIMIT
) -> dict[str, tuple[tuple[SeriesPoint, ...], ...]]:
    """The weekly series of everything that was captured, by its name."""
    rows = _graded(store, view)
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
    """The series of each value, in the order of the values; all of them have the same dates.

    What must go comes before what must be there. The values that had the most at their peak have
    a series of their own. An item has the value that it was last seen with. team, owners: as in
    `burndown`. rows: all that was captured, for whoever has read that already. Empty when no rule
    captured anything by that name.
    """
    rows = _graded(store, view) if rows is None else rows
    rules = {row.rule for row in rows if capture in row.captures}
    if not rules or view.record is None or view.first_day > view.today:
        return []
    days = list(periods(view.first_day, view.today, period))
    wanted = [row for row in rows if row.rule in rules]
    held = holdings(store, view, wanted, Question(capture, days, team, owners))
    few = _largest(held, len(days), limit)
    return [
        tuple(
            SeriesPoint(view.campaign.id, team, capture, grade.role, grade.value, day, *counts)
            for day, counts in zip(days, few[grade], strict=True)
        )
        for grade in sorted(few, key=_order)
    ]


def _graded(store: Store, view: CampaignView) -> list[CapturedRow]:
    return [row for row in store.items.captured(view.campaign.id) if row.rule in view.terms]


def _largest(
    held: Mapping[CapturedValue, Holding], length: int, limit: int
) -> dict[CapturedValue, _Counts]:
    """Those with the highest peak, and all others of a role as one; what never was is left out."""
    counts = {grade: _counts(holding, length) for grade, holding in held.items()}
    peaks = {
        grade: max(opened + exempt for opened, exempt, _, _ in its) for grade, its in counts.items()
    }
    there = sorted((grade for grade, peak in peaks.items() if peak), key=_order)
    ranked = sorted(there, key=lambda grade: -peaks[grade])
    others: dict[CapturedValue, dict[str, Changes]] = defaultdict(lambda: defaultdict(dict))
    for grade in ranked[limit:]:
        for repository, changes in held[grade].items():
            its = others[CapturedValue(grade.role, None)][repository]
            for place, amounts in changes.items():
                add(its, place, amounts)
    few = {grade: counts[grade] for grade in ranked[:limit]}
    return few | {grade: _counts(holding, length) for grade, holding in others.items()}


def _counts(holding: Holding, length: int) -> _Counts:
    opened, exempt, fixed, there = columns = [[0] * length for _ in range(4)]
    for changes in holding.values():
        held = 0
        for place, amounts in sorted(changes.items()):
            before, held = held, held + amounts[0]
            opened[place] += amounts[0]
            exempt[place] += amounts[1]
            fixed[place] += amounts[2]
            there[place] += (held > 0) - (before > 0)
    return list(zip(*(accumulate(column) for column in columns), strict=True))


def _order(grade: CapturedValue) -> tuple[bool, int, list[tuple[bool, int, str]]]:
    """Numbers in values count as numbers: 1.9 comes before 1.10; what has no value comes last."""
    digits = [
        (number % 2 == 1, part.lstrip("0") if number % 2 else part)
        for number, part in enumerate(re.split(r"([0-9]+)", grade.value or ""))
    ]
    keys = [(is_number, len(part) if is_number else 0, part) for is_number, part in digits]
    last = {NO_VALUE: 1, None: 2}.get(grade.value, 0)
    return grade.role == "replacement", last, keys
