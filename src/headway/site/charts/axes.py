"""The axes, scales and SVG paths that all charts use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from headway.model.days import MONTHS

_LABEL = 74


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled mark on an axis."""

    at: float
    """The mark's coordinate along the axis."""

    text: str


@dataclass(frozen=True, slots=True)
class Area:
    """The part of a drawing that shows data, with the scales of its two axes."""

    width: int
    """The width of the whole drawing, including margins."""

    height: int
    """The height of the whole drawing, including margins."""

    left: int
    right: int
    top: int
    bottom: int
    first: date
    """The day at the left edge of the area."""

    last: date
    """The day at the right edge of the area."""

    highest: int
    """The count at the top edge of the area. The count at the bottom edge is 0."""

    def x(self, day: date) -> float:
        """Return the horizontal coordinate of a day."""
        reach = max((self.last - self.first).days, 1)
        return self.left + (day - self.first).days / reach * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return the vertical coordinate of a count."""
        return self.bottom - value / self.highest * (self.bottom - self.top)


def area(width: int, height: int, first: date, last: date, top: int, *, margin: int = 18) -> Area:
    """Return the area for data in a drawing, with a scale that includes the count `top`.

    Args:
        width: The width of the drawing.
        height: The height of the drawing.
        first: The day at the left edge of the area.
        last: The day at the right edge of the area.
        top: The highest count.
        margin: The space to the right of the area.
    """
    highest = nice_steps(top)[-1]
    return Area(width, height, 52, width - margin, 26, height - 30, first, last, highest)


def count_ticks(drawn: Area) -> tuple[Tick, ...]:
    """Return the ticks of the vertical axis, which shows counts."""
    return tuple(
        Tick(round(drawn.y(value), 1), f"{value:,}") for value in nice_steps(drawn.highest)
    )


def day_ticks(drawn: Area) -> tuple[Tick, ...]:
    """Return the ticks of the horizontal axis, which shows days."""
    days = spread_days(drawn.first, drawn.last, drawn.right - drawn.left)
    return tuple(Tick(round(drawn.x(day), 1), text) for day, text in days)


def nice_steps(top: int, wanted: int = 4) -> list[int]:
    """Return round numbers from 0 to at least `top`, with about `wanted` numbers above 0."""
    rough = max(top, 1) / wanted
    magnitude = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(factor * magnitude) for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
    return list(range(0, math.ceil(max(top, 1) / step) * step + 1, step))


def spread_days(
    first: date, last: date, room: float, label: int = _LABEL
) -> list[tuple[date, str]]:
    """Return days for the ticks of an axis, with labels that do not overlap.

    The days are at regular intervals, such as the first days of months, quarters or years.

    Args:
        first: The first day of the axis.
        last: The last day of the axis.
        room: The length of the axis, in units of the drawing.
        label: The length of a label along the axis, in units of the drawing.
    """
    most = max(int(room // label), 2)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months <= 2:
        step = max(math.ceil(((last - first).days + 1) / most), 1)
        days = [
            first + timedelta(days=number) for number in range(0, (last - first).days + 1, step)
        ]
        return [(day, f"{day.day} {MONTHS[day.month - 1]}") for day in days]
    every = next((step for step in (1, 2, 3, 6, 12, 24) if months / step <= most), 48)
    ticks = []
    for number in range(first.year * 12, (last.year + 1) * 12):
        day = date(number // 12, number % 12 + 1, 1)
        if number % every == 0 and first <= day <= last:
            name = MONTHS[day.month - 1]
            ticks.append((day, str(day.year) if day.month == 1 else name))
    if ticks and not ticks[0][1].isdigit():
        ticks[0] = (ticks[0][0], f"{ticks[0][1]} {ticks[0][0].year}")
    return ticks


def closed(xs: Sequence[float], roof: Sequence[float], floor: Sequence[float]) -> str:
    """Return a closed SVG path between two lines with the same horizontal coordinates."""
    up = line(list(zip(xs, roof, strict=True)))
    back = reversed(list(zip(xs, floor, strict=True)))
    down = "".join(f"L{digits(x)} {digits(y)}" for x, y in back)
    return f"{up}{down}Z"


def line(points: Sequence[tuple[float, float]]) -> str:
    """Return an SVG path through the given points."""
    return "".join(
        f"{'L' if number else 'M'}{digits(x)} {digits(y)}" for number, (x, y) in enumerate(points)
    )


# Cached, because most charts of a site have the same horizontal coordinates.
@lru_cache(maxsize=8192)
def digits(value: float) -> str:
    """Format a coordinate with at most one decimal place."""
    return f"{value:.1f}".removesuffix(".0")
