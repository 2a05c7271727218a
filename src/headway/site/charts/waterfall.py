"""The waterfall chart shows why the open count changed in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.records import BurndownPoint
from headway.model.movement import FLOW_SIGNS

MOVEMENTS = {
    "new": "New",
    "regressed": "Regressed",
    "moved_in": "Moved in",
    "scope_added": "Scope added",
    "lapsed": "Exemption lapsed",
    "fixed": "Fixed",
    "moved_out": "Moved out",
    "scope_removed": "Scope removed",
    "exempted": "Newly exempt",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A bar for one kind of change, or for the total number of open items."""

    name: str
    change: int
    """The change in the number of open items. For a total, the number of open items."""

    start: float
    """The left edge of the bar, as a percentage of the chart's width."""

    width: float
    """The width of the bar, as a percentage of the chart's width."""

    kind: str
    """`total` for a count of open items, `more` for an increase, `fixed` for fixes, or `less` for
    any other decrease.
    """


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A chart that shows why the open count changed in one period."""

    name: str
    """The name of the period, such as `Last 7 days`."""

    first: date
    """The first day of the period."""

    last: date
    """The last day of the period (inclusive)."""

    before: int
    """The number of open items before the period."""

    steps: tuple[Step, ...]
    after: int
    """The number of open items at the end of the period."""


def waterfalls(days: Sequence[BurndownPoint]) -> tuple[Waterfall, ...]:
    """Draw charts of the last week, 4 weeks and 13 weeks, and of the whole history.

    Periods longer than the history are omitted.

    Args:
        days: The daily series of the campaign, oldest day first, without gaps.
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
    """Sum the changes of the last `length` days by ledger column, without the baseline."""
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
