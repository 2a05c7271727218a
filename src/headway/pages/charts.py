"""The geometry of charts: dates and counts in, coordinates out; the macros draw them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LABEL = 74


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line. line, area: SVG paths; x, y: its last point."""

    width: int
    height: int
    line: str
    area: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis; at: its coordinate."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """One layer of a stacked area, bottom first. path: SVG; number: its colour, from 1."""

    name: str
    number: int
    path: str
    last: int


@dataclass(frozen=True, slots=True)
class Flag:
    """Something on a day. kind: due, today, milestone or mark."""

    at: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Fan:
    """The forecast from today on. area: between p50 and p85; line: the way to p50."""

    area: str
    line: str
    p50: date
    p85: date


@dataclass(frozen=True, slots=True)
class Plot:
    """One size of a chart; left, right, top and bottom bound the area of the data."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
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

    None for a plot when there is not a single day to show.
    """

    wide: Plot | None
    narrow: Plot | None
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """Counts on days, both in the same order, oldest first."""

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
    layers: tuple[Series, ...]
    exempt: tuple[int, ...]
    today: date
    due: date | None = None
    p50: date | None = None
    p85: date | None = None
    flags: tuple[tuple[date, str, str], ...] = ()

    @property
    def open(self) -> tuple[int, ...]:
        """All layers together."""
        return tuple(
            sum(values) for values in zip(*(each.values for each in self.layers), strict=True)
        )


def sparkline(values: Sequence[float], *, width: int = 160, height: int = 36) -> Sparkline | None:
    """None with fewer than two values; zero is always at the bottom."""
    if len(values) < 2:
        return None
    top, pad = max(*values, 1), 3
    step = (width - 2 * pad) / (len(values) - 1)
    points = [
        (pad + number * step, height - pad - value / top * (height - 2 * pad))
        for number, value in enumerate(values)
    ]
    line = _line(points)
    area = f"{line}L{_n(points[-1][0])} {height}L{_n(points[0][0])} {height}Z"
    return Sparkline(width, height, line, area, round(points[-1][0], 1), round(points[-1][1], 1))


def burndown_chart(data: BurndownData) -> BurndownChart:
    """The chart in both sizes."""
    names = tuple(layer.name for layer in data.layers)
    if not data.days:
        return BurndownChart(None, None, names, f"{data.title}: no history yet.")
    return BurndownChart(
        _plot(data, width=960, height=340), _plot(data, width=420, height=300), names, _words(data)
    )


def _plot(data: BurndownData, *, width: int, height: int) -> Plot:
    left, right, top, bottom = 52, width - 18, 26, height - 30
    first, last = data.days[0], _last_day(data)
    reach = max((last - first).days, 1)
    tops = [sum(pair) for pair in zip(data.open, data.exempt, strict=True)]
    steps = nice_steps(max(tops, default=0))

    def x(day: date) -> float:
        return left + (day - first).days / reach * (right - left)

    def y(value: float) -> float:
        return bottom - value / steps[-1] * (bottom - top)

    xs = [x(day) for day in data.days]
    bands, floor = [], [0] * len(data.days)
    for number, layer in enumerate(data.layers, 1):
        roof = [low + value for low, value in zip(floor, layer.values, strict=True)]
        path = _area(xs, [y(v) for v in roof], [y(v) for v in floor])
        bands.append(Band(layer.name, number, path, layer.values[-1]))
        floor = roof
    exempt = None
    if any(data.exempt):
        roof = [low + value for low, value in zip(floor, data.exempt, strict=True)]
        exempt = _area(xs, [y(v) for v in roof], [y(v) for v in floor])
    ideal = None
    if data.due is not None and data.due > first and data.open[0]:
        ideal = _line([(x(first), y(data.open[0])), (x(data.due), y(0))])
    flags = [
        Flag(round(x(day), 1), text, kind) for day, text, kind in data.flags if first <= day <= last
    ]
    return Plot(
        width,
        height,
        left,
        right,
        top,
        bottom,
        tuple(Tick(round(x(day), 1), text) for day, text in _x_ticks(first, last, right - left)),
        tuple(Tick(round(y(value), 1), f"{value:,}".replace(",", "\u2009")) for value in steps),
        tuple(bands),
        exempt,
        ideal,
        _fan(data, x, y),
        tuple(flags),
    )


def _fan(data: BurndownData, x: object, y: object) -> Fan | None:
    assert callable(x)
    assert callable(y)
    if data.p50 is None or data.p85 is None or not data.open[-1] or data.p50 < data.today:
        return None
    start = (x(data.days[-1]), y(data.open[-1]))
    last = _last_day(data)
    near, far = (_cut(data, day, last) for day in (data.p50, data.p85))
    ends = [(x(day), y(value)) for day, value in (near, far)]
    area = f"{_line([start, ends[0], ends[1]])}Z"
    return Fan(area, _line([start, ends[0]]), data.p50, data.p85)


def _cut(data: BurndownData, end: date, last: date) -> tuple[date, float]:
    """Where the straight way from today's open items to none on `end` leaves the chart."""
    if end <= last:
        return end, 0.0
    begun = data.days[-1]
    share = (last - begun).days / max((end - begun).days, 1)
    return last, data.open[-1] * (1 - share)


def _last_day(data: BurndownData) -> date:
    """The chart's right edge: all there is to show, but never mostly future."""
    first, latest = data.days[0], data.days[-1]
    wanted = [latest, *(day for day in (data.due, data.p50, data.p85) if day is not None)]
    limit = latest + max((latest - first) * 3 // 4, timedelta(weeks=8))
    return max(min(max(wanted), limit), first + timedelta(days=1))


def nice_steps(top: int, wanted: int = 4) -> list[int]:
    """Round numbers from 0 to at least `top`, about `wanted` of them above zero."""
    rough = max(top, 1) / wanted
    magnitude = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(factor * magnitude) for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
    return list(range(0, math.ceil(max(top, 1) / step) * step + 1, step))


def _x_ticks(first: date, last: date, room: int) -> list[tuple[date, str]]:
    """First days of months, quarters or years, so that their labels do not touch."""
    most = max(room // _LABEL, 2)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months <= 2:
        step = max(math.ceil(((last - first).days + 1) / most), 1)
        days = [
            first + timedelta(days=number) for number in range(0, (last - first).days + 1, step)
        ]
        return [(day, f"{day.day} {_MONTHS[day.month - 1]}") for day in days]
    every = next((each for each in (1, 2, 3, 6, 12, 24) if months / each <= most), 48)
    ticks = []
    for number in range(first.year * 12, (last.year + 1) * 12):
        day = date(number // 12, number % 12 + 1, 1)
        if number % every == 0 and first <= day <= last:
            name = _MONTHS[day.month - 1]
            ticks.append((day, str(day.year) if day.month == 1 else name))
    if ticks and not ticks[0][1].isdigit():
        ticks[0] = (ticks[0][0], f"{ticks[0][1]} {ticks[0][0].year}")
    return ticks


def _words(data: BurndownData) -> str:
    opened, now = data.open[0], data.open[-1]
    words = (
        f"{data.title}: {opened} open on {data.days[0].isoformat()}, "
        f"{now} open on {data.days[-1].isoformat()}"
    )
    if any(data.exempt):
        words += f", {data.exempt[-1]} exempt"
    if data.due is not None:
        words += f"; due {data.due.isoformat()}"
    if data.p50 is not None and data.p85 is not None:
        words += f"; forecast {data.p50.isoformat()} to {data.p85.isoformat()}"
    return words + "."


def _area(xs: Sequence[float], roof: Sequence[float], floor: Sequence[float]) -> str:
    up = _line(list(zip(xs, roof, strict=True)))
    down = "".join(f"L{_n(x)} {_n(y)}" for x, y in reversed(list(zip(xs, floor, strict=True))))
    return f"{up}{down}Z"


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "".join(
        f"{'L' if number else 'M'}{_n(x)} {_n(y)}" for number, (x, y) in enumerate(points)
    )


def _n(value: float) -> str:
    """A coordinate to a tenth of a unit, without a needless `.0`."""
    return f"{value:.1f}".removesuffix(".0")
