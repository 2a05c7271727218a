"""The ledger of a period: from what was open before it to what is open after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.records import BurndownPoint
from headway.model.movement import FLOW_SIGNS

MOVEMENTS = {
    "new": "New",
    "regressed": "Came back",
    "scope_added": "Entered scope",
    "lapsed": "Exemption lapsed",
    "fixed": "Fixed",
    "scope_removed": "Left scope",
    "exempted": "Newly exempt",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One movement. change: signed. start, width: of its bar, in percent of the widest.

    kind: total, more, fixed, or less for what went without being fixed.
    """

    name: str
    change: int
    start: float
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """name: of the period. first, last: its days, inclusive. Steps lead from before to after."""

    name: str
    first: date
    last: date
    before: int
    steps: tuple[Step, ...]
    after: int


def waterfalls(days: Sequence[BurndownPoint]) -> tuple[Waterfall, ...]:
    """For the last week, 4 weeks, 13 weeks and all of it, as far as there is history.

    days: the daily series, oldest first, without a gap.
    """
    if not days:
        return ()
    found = [
        _waterfall(name, days[-length:], days[-length - 1].open)
        for name, length in (("Last 7 days", 7), ("Last 4 weeks", 28), ("Last 13 weeks", 91))
        if len(days) > length
    ]
    if len(days) > 1:
        found.append(_waterfall("Since the start", days[1:], days[0].open))
    return tuple(found)


def moved(days: Sequence[BurndownPoint], length: int = 7) -> dict[str, int]:
    """What the last days moved, by the names of the ledger's columns; the first day is a stock."""
    recent = days[max(len(days) - length, 1) :]
    return {name: sum(getattr(point, name) for point in recent) for name in FLOW_SIGNS}


def _waterfall(name: str, days: Sequence[BurndownPoint], before: int) -> Waterfall:
    changes = [
        (column, sign * sum(getattr(point, column) for point in days))
        for column, sign in FLOW_SIGNS.items()
    ]
    after = days[-1].open
    highest = max(before + sum(change for _, change in changes if change > 0), after, 1)
    steps = [Step("Open before", before, 0, _share(before, highest), "total")]
    level = before
    for column, change in changes:
        if change:
            low = min(level, level + change)
            kind = "more" if change > 0 else "fixed" if column == "fixed" else "less"
            start, width = _share(low, highest), _share(abs(change), highest)
            steps.append(Step(MOVEMENTS[column], change, start, width, kind))
            level += change
    steps.append(Step("Open now", after, 0, _share(after, highest), "total"))
    return Waterfall(name, days[0].date, days[-1].date, before, tuple(steps), after)


def _share(value: int, highest: int) -> float:
    return round(value / highest * 100, 2)
