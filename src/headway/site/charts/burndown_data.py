"""The data of a burndown chart: the open items of each layer, and their forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.forecast_records import ForecastPoint

_SEPARATE = 6
"""The maximum number of separate layers. The smallest layers are combined, unless only one layer
would be combined.
"""


@dataclass(frozen=True, slots=True)
class Layer:
    """The counts in one layer of a burndown chart, such as the open items of one team."""

    name: str
    values: tuple[int, ...]
    """One count for each day of the chart."""


@dataclass(frozen=True, slots=True)
class BurndownData:
    """The data for a burndown chart."""

    title: str
    days: tuple[date, ...]
    """The days of the chart, oldest first."""

    layers: tuple[Layer, ...]
    """The layers of open items, bottom layer first."""

    exempt: tuple[int, ...]
    """The number of exempt items on each day of the chart."""

    due: date | None = None
    p50: date | None = None
    p85: date | None = None
    fan: tuple[ForecastPoint, ...] = ()
    horizon: date | None = None
    """The last day that the forecast covers, or None without a forecast."""

    flags: tuple[tuple[date, str, str], ...] = ()
    """The day, text and kind of each flag."""

    inexact: tuple[tuple[date, date], ...] = ()
    """The first and the last day (inclusive) of each run of days with inexact numbers."""

    @property
    def open(self) -> tuple[int, ...]:
        """The number of open items in all layers together, for each day of the chart."""
        columns = zip(*(layer.values for layer in self.layers), strict=True)
        return tuple(sum(column) for column in columns)


def few_layers(layers: Sequence[Layer], rest: str) -> tuple[Layer, ...]:
    """Keep the six largest layers, largest first, and combine the others in a layer `rest`.

    If only one layer would be combined, it is kept instead. Empty layers are omitted.
    """
    ordered = sorted(
        (layer for layer in layers if any(layer.values)),
        key=lambda layer: (-layer.values[-1], -max(layer.values), layer.name),
    )
    shown, others = ordered[:_SEPARATE], ordered[_SEPARATE:]
    if len(others) == 1:
        return tuple(ordered)
    if others:
        sums = zip(*(layer.values for layer in others), strict=True)
        shown.append(Layer(rest, tuple(sum(column) for column in sums)))
    return tuple(shown)


def ordered_layers(layers: Sequence[Layer], rest: str) -> tuple[Layer, ...]:
    """Combine the smallest layers like `few_layers`, but keep the order of the layers."""
    filled = [layer for layer in layers if any(layer.values)]
    largest = sorted(filled, key=lambda layer: -max(layer.values))[:_SEPARATE]
    others = [layer for layer in filled if layer not in largest]
    if len(others) < 2:
        return tuple(filled)
    sums = zip(*(layer.values for layer in others), strict=True)
    shown = [layer for layer in filled if layer in largest]
    return (*shown, Layer(rest, tuple(sum(column) for column in sums)))


def fan_until(data: BurndownData, last: date) -> list[ForecastPoint]:
    """Return the points of the fan up to a day, with an interpolated point on that day."""
    shown = [point for point in data.fan if point.date <= last]
    if not shown or len(shown) == len(data.fan):
        return shown
    before, after = shown[-1], data.fan[len(shown)]
    share = (last - before.date) / (after.date - before.date)
    counts = (
        round(start + (end - start) * share)
        for start, end in (
            (before.low, after.low),
            (before.median, after.median),
            (before.high, after.high),
        )
    )
    return [*shown, ForecastPoint(last, *counts)]
