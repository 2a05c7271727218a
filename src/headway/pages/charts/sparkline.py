"""A series in a word's space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.pages.charts.axes import digits, line


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line. line, area: SVG paths; x, y: its last point."""

    width: int
    height: int
    line: str
    area: str
    x: float
    y: float


def sparkline(values: Sequence[float], *, width: int = 128, height: int = 34) -> Sparkline | None:
    """None with fewer than two values; zero is always at the bottom."""
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
