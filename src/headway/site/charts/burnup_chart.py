"""The burnup chart compares the number of fixed items with the number of all items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from headway.metrics.records import BurndownPoint
from headway.site.charts.axes import Area, Tick, area, closed, count_ticks, day_ticks, line


@dataclass(frozen=True, slots=True)
class BurnupChart:
    """A chart of the number of fixed items and of all items in scope over time."""

    drawn: Area
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    fixed: str
    """The SVG path around the area of fixed items."""

    scope: str
    """The SVG path of the line of all items, whether fixed, open or exempt."""

    text: str
    """A description of the chart for screen readers."""


def burnup_chart(title: str, points: Sequence[BurndownPoint]) -> BurnupChart | None:
    """Draw a burnup chart of weekly points, oldest first. Return None without points."""
    if not points:
        return None
    scope = [point.open + point.exempt + point.fixed_total for point in points]
    last = max(points[-1].date, points[0].date + timedelta(days=1))
    drawn = area(460, 240, points[0].date, last, max(scope))
    xs = [drawn.x(point.date) for point in points]
    roof = [drawn.y(point.fixed_total) for point in points]
    return BurnupChart(
        drawn,
        day_ticks(drawn),
        count_ticks(drawn),
        closed(xs, roof, [drawn.y(0)] * len(xs)),
        line([(x, drawn.y(value)) for x, value in zip(xs, scope, strict=True)]),
        f"{title}: {points[-1].fixed_total} of {scope[-1]} items fixed; "
        f"{scope[0]} items at the start.",
    )
