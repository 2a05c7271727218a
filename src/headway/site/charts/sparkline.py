"""Sparklines are charts without axes that are as small as a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headway.site.charts.axes import digits, line


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small chart without axes."""

    width: int
    height: int
    line: str
    """The SVG path of the chart's line."""

    area: str
    """The SVG path around the area below the line."""

    x: float
    """The horizontal coordinate of the last point."""

    y: float
    """The vertical coordinate of the last point."""


def sparkline(values: Sequence[float], *, width: int = 128, height: int = 34) -> Sparkline | None:
    """Draw a line through evenly spaced values. Return None for fewer than two values."""
    if len(values) < 2:
        return None
    top, pad = max(*values, 1), 3
    step = (width - 2 * pad) / (len(values) - 1)
    points = [
        (pad + number * step, height - pad - value / top * (height - 2 * pad))
        for number, value in enumerate(values)
    ]
    drawn = line(points)
    area = f"{drawn}L{digits(points[-1][0])} {height}L{digits(points[0][0])} {height}Z"
    return Sparkline(width, height, drawn, area, round(points[-1][0], 1), round(points[-1][1], 1))


def stepped(
    levels: Sequence[tuple[date, float]],
    first: date,
    last: date,
    *,
    width: int = 128,
    height: int = 34,
) -> Sparkline | None:
    """Draw a line that changes in steps on given days.

    Return None without levels, or if `first` is not before `last`.

    Args:
        levels: The days on which the level changes, oldest day first, each with the new level.
        first: The day at the left edge.
        last: The day at the right edge.
        width: The width of the drawing, in pixels.
        height: The height of the drawing, in pixels.
    """
    if not levels or last <= first:
        return None
    top, pad = max(1.0, *(value for _, value in levels)), 3
    scale = (width - 2 * pad) / (last - first).days

    def across(day: date) -> str:
        return digits(pad + max((day - first).days, 0) * scale)

    def down(value: float) -> float:
        return height - pad - value / top * (height - 2 * pad)

    level = down(levels[0][1] if levels[0][0] <= first else 0)
    drawn = f"M{pad} {digits(level)}"
    for day, value in levels:
        level = down(value)
        drawn += f"H{across(day)}V{digits(level)}"
    end = width - pad
    drawn += f"H{end}"
    area = f"{drawn}V{height}H{pad}Z"
    return Sparkline(width, height, drawn, area, end, round(level, 1))
