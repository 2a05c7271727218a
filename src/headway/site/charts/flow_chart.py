"""The flow chart shows items fixed per week above a line and items added below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.records import BurndownPoint
from headway.site.charts.axes import Tick, nice_steps

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 460, 240, 52, 452, 14, 210
_MOST = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """The two rectangles of one week: fixed items above the zero line, added items below it."""

    day: date
    """The last day of the week."""

    x: float
    """The left edge of both rectangles."""

    width: float
    """The width of both rectangles."""

    fixed: int
    """The number of fixed items."""

    fixed_y: float
    """The top edge of the rectangle for fixed items."""

    fixed_height: float
    added: int
    """The number of items that were new, regressed or added by a change of scope."""

    added_height: float


@dataclass(frozen=True, slots=True)
class FlowChart:
    """A chart of items fixed and added per week."""

    width: int
    height: int
    left: int
    right: int
    zero: float
    """The vertical coordinate of the zero line."""

    bars: tuple[Bar, ...]
    y_ticks: tuple[Tick, ...]
    first: date
    last: date
    text: str
    """A description of the chart for screen readers."""


def flow_chart(points: Sequence[BurndownPoint]) -> FlowChart | None:
    """Draw the last 26 weekly points. Return None if no items were fixed or added.

    Args:
        points: The weekly points, oldest first.
    """
    shown = points[-_MOST:]
    fixed = [point.fixed for point in shown]
    added = [point.new + point.regressed + point.scope_added for point in shown]
    if not any(fixed) and not any(added):
        return None
    step = nice_steps(max(*fixed, *added), 2)[1]
    up, down = (max(-(-max(values) // step), 1) * step for values in (fixed, added))
    unit = (_BOTTOM - _TOP) / (up + down)
    zero = _TOP + up * unit
    slot = (_RIGHT - _LEFT) / max(len(shown), 8)
    bars = tuple(
        Bar(
            point.date,
            round(_LEFT + number * slot + slot * 0.15, 1),
            round(slot * 0.7, 1),
            done,
            round(zero - done * unit, 1),
            round(done * unit, 1),
            more,
            round(more * unit, 1),
        )
        for number, (point, done, more) in enumerate(zip(shown, fixed, added, strict=True))
    )
    ticks = tuple(
        Tick(round(zero - value * unit, 1), str(abs(value))) for value in range(-down, up + 1, step)
    )
    text = f"In {len(shown)} weeks, {sum(fixed)} items were fixed and {sum(added)} were added."
    return FlowChart(
        _WIDTH, _HEIGHT, _LEFT, _RIGHT, round(zero, 1), bars, ticks, shown[0].date,
        shown[-1].date, text,
    )  # fmt: skip
