"""The burndown series: the counts at the end of each period, and the changes within it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter
from typing import Literal

from headway.model.days import ONE_DAY
from headway.model.movement import Movement

Period = Literal["day", "week", "month"]


@dataclass(slots=True)
class Point:
    last: date
    """The last day of the period (inclusive)."""
    open: int = 0
    exempt: int = 0
    fixed: int = 0
    open_weight: float = 0.0
    """The number of open items, each multiplied by the weight of its rule."""
    fixed_weight: float = 0.0
    """The number of fixed items, each multiplied by the weight of its rule."""
    moved: Movement = field(default_factory=Movement)
    """The sum of all movements within the period."""

    @property
    def completion(self) -> float | None:
        """The weighted share of fixed items, from 0 to 1, or None if there is nothing to fix."""
        return completion(self.fixed_weight, self.open_weight)


def completion(fixed_weight: float, open_weight: float) -> float | None:
    """Return the share fixed / (fixed + open), from 0 to 1, or None if both weights are 0."""
    whole = fixed_weight + open_weight
    return fixed_weight / whole if whole else None


def periods(first: date, last: date, period: Period) -> Iterator[date]:
    """Yield the last day of each period from `first` to `last` (inclusive).

    Weeks are ISO weeks, which end on Sunday. The last period ends on `last`.
    """
    day = first
    while day < last:
        end = min(_end_of(day, period), last)
        yield end
        day = end + ONE_DAY
    if day == last:
        yield last


def _end_of(day: date, period: Period) -> date:
    if period == "day":
        return day
    if period == "week":
        return day + timedelta(days=6 - day.weekday())
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return next_month - ONE_DAY


def series(
    movements: Iterable[tuple[date, float, Movement]], first: date, last: date, period: Period
) -> list[Point]:
    """Return one point per period from `first` to `last` (inclusive), oldest first.

    Args:
        movements: (Day, weight of the rule, movement), in any order. Movements before `first`
            determine the initial counts. Movements after `last` are ignored.
        first: The first day of the series.
        last: The last day of the series.
        period: The length of a period.
    """
    ordered = sorted((entry for entry in movements if entry[0] <= last), key=itemgetter(0))
    point, position = _next_point(Point(first), ordered, 0, first - ONE_DAY)
    points: list[Point] = []
    for end in periods(first, last, period):
        point, position = _next_point(point, ordered, position, end)
        points.append(point)
    return points


def _next_point(
    before: Point, ordered: Sequence[tuple[date, float, Movement]], position: int, until: date
) -> tuple[Point, int]:
    """Return the point of the period that ends on `until`, and the next movement's index."""
    start = position
    while position < len(ordered) and ordered[position][0] <= until:
        position += 1
    taken = ordered[start:position]
    moved = Movement.total([movement for _, _, movement in taken])
    point = Point(
        until,
        before.open + moved.open_change,
        before.exempt + moved.exempt_change,
        before.fixed + moved.fixed_change,
        before.open_weight,
        before.fixed_weight,
        moved,
    )
    for _, weight, movement in taken:
        point.open_weight += weight * movement.open_change
        point.fixed_weight += weight * movement.fixed_change
    return point, position
