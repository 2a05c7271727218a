"""What is open over time, and where it is going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headway.pages.charts.axes import Area, Tick, area, closed, count_ticks, day_ticks, line

_SEPARATE = 6


@dataclass(frozen=True, slots=True)
class Band:
    """One layer of a stacked area, bottom first. path: SVG; number: its colour, from 1."""

    name: str
    number: int
    path: str
    last: int


@dataclass(frozen=True, slots=True)
class Flag:
    """Something on a day. kind: due, milestone, or mark such as an edited rule. row: 0 or 1, so
    that two labels close together do not touch.
    """

    at: float
    day: date
    text: str
    kind: str
    row: int


@dataclass(frozen=True, slots=True)
class Fan:
    """The forecast from today on. area: between p50 and p85; line: the way to p50."""

    area: str
    line: str
    p50: date
    p85: date


@dataclass(frozen=True, slots=True)
class Plot:
    """One size of a burndown; `drawn` says where its data is."""

    drawn: Area
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    exempt: str | None
    ideal: str | None
    fan: Fan | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class BurndownChart:
    """What is open over time, for wide and for narrow screens. text: the same in words.

    The plots are None when there is not a single day to show.
    """

    wide: Plot | None
    narrow: Plot | None
    text: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A name, and its counts on the days of the chart, oldest first."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BurndownData:
    """What a burndown chart shows.

    days: oldest first. layers: open items on those days, bottom first. exempt: on the same days.
    due, p50, p85: as in `StatusRow`. flags: (day, text, kind).
    """

    title: str
    days: tuple[date, ...]
    layers: tuple[Layer, ...]
    exempt: tuple[int, ...]
    due: date | None = None
    p50: date | None = None
    p85: date | None = None
    flags: tuple[tuple[date, str, str], ...] = ()

    @property
    def open(self) -> tuple[int, ...]:
        """All layers together."""
        columns = zip(*(each.values for each in self.layers), strict=True)
        return tuple(sum(column) for column in columns)


def few_layers(layers: Sequence[Layer], rest: str) -> tuple[Layer, ...]:
    """At most six with a colour of their own, the largest first; all others together as `rest`."""
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


def burndown_chart(data: BurndownData) -> BurndownChart:
    """The chart in both sizes."""
    if not data.days:
        return BurndownChart(None, None, f"{data.title}: no history yet.")
    return BurndownChart(_plot(data, 960, 340), _plot(data, 420, 300), _words(data))


def _plot(data: BurndownData, width: int, height: int) -> Plot:
    tops = [sum(pair) for pair in zip(data.open, data.exempt, strict=True)]
    drawn = area(width, height, data.days[0], _last_day(data), max(tops, default=0))
    bands, exempt = _bands(data, drawn)
    ideal = None
    if data.due is not None and data.due > drawn.first and data.open[0]:
        share = min((drawn.last - drawn.first) / (data.due - drawn.first), 1)
        end = drawn.y(data.open[0] * (1 - share))
        day = min(data.due, drawn.last)
        ideal = line([(drawn.x(drawn.first), drawn.y(data.open[0])), (drawn.x(day), end)])
    return Plot(
        drawn,
        day_ticks(drawn),
        count_ticks(drawn),
        bands,
        exempt,
        ideal,
        _fan(data, drawn),
        _flags(data, drawn),
    )


def _bands(data: BurndownData, drawn: Area) -> tuple[tuple[Band, ...], str | None]:
    """The layers, and the exempt one on top of them if there is anything in it."""
    xs = [drawn.x(day) for day in data.days]
    floor = [0] * len(xs)
    bands = []
    for number, layer in enumerate((*data.layers, Layer("exempt", data.exempt)), 1):
        roof = [low + value for low, value in zip(floor, layer.values, strict=True)]
        path = closed(xs, [drawn.y(value) for value in roof], [drawn.y(value) for value in floor])
        bands.append(Band(layer.name, number, path, layer.values[-1]))
        floor = roof
    return tuple(bands[:-1]), bands[-1].path if any(data.exempt) else None


def _flags(data: BurndownData, drawn: Area) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    taken = [-1e9, -1e9]
    for day, text, kind in sorted(data.flags):
        if not drawn.first <= day <= drawn.last:
            continue
        at, half = drawn.x(day), 7.0 * min(len(text), 24) / 2
        row = 0
        if kind != "mark":
            row = 0 if at - half > taken[0] else 1
            taken[row] = at + half
        flags.append(Flag(round(at, 1), day, text, kind, row))
    return tuple(flags)


def _fan(data: BurndownData, drawn: Area) -> Fan | None:
    today = data.days[-1]
    if data.p50 is None or data.p85 is None or not data.open[-1] or data.p50 < today:
        return None
    start = (drawn.x(today), drawn.y(data.open[-1]))
    ends = []
    for end in (data.p50, data.p85):
        shown = min(end, drawn.last)
        share = (shown - today) / max(end - today, timedelta(days=1))
        ends.append((drawn.x(shown), drawn.y(data.open[-1] * (1 - share))))
    return Fan(f"{line([start, *ends])}Z", line([start, ends[0]]), data.p50, data.p85)


def _last_day(data: BurndownData) -> date:
    """The chart's right edge: all there is to show, but never mostly future."""
    first, latest = data.days[0], data.days[-1]
    wanted = [latest, *(day for day in (data.due, data.p50, data.p85) if day is not None)]
    limit = latest + max((latest - first) * 3 // 4, timedelta(weeks=8))
    return max(min(max(wanted), limit), first + timedelta(days=1))


def _words(data: BurndownData) -> str:
    words = (
        f"{data.title}: {data.open[0]} open on {data.days[0].isoformat()}, "
        f"{data.open[-1]} open on {data.days[-1].isoformat()}"
    )
    if any(data.exempt):
        words += f", {data.exempt[-1]} exempt"
    if data.due is not None:
        words += f"; due {data.due.isoformat()}"
    if data.p50 is not None and data.p85 is not None:
        words += f"; forecast {data.p50.isoformat()} to {data.p85.isoformat()}"
    return words + "."
