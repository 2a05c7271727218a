"""The burndown chart shows open items over time and their forecast."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headway.model.days import MONTHS, day_text
from headway.site.charts.axes import Area, Tick, area, closed, count_ticks, day_ticks, line
from headway.site.charts.burndown_data import BurndownData, Layer, fan_until

_MOST_ROWS = 260
_LETTER = 8.3
"""The width of a letter on tablets, where text is largest, in units of the chart."""
_LINE = 18.0
"""The height of a line of text."""
_PAD = 6.0
_LONGEST_NAME = 18
_NARROWEST = 4.0
"""The minimum width of a run of days, in the units of the chart."""


@dataclass(frozen=True, slots=True)
class Band:
    """A coloured band in the chart, such as the open items of one team."""

    name: str
    number: int
    """The number of the band's colour, starting at 1."""

    path: str
    last: int
    """The number of items in the band on the last day."""

    label: Label | None = None
    """The band's name, or None if the band has no space for it."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a chart."""

    x: float
    y: float
    anchor: str
    """The alignment of the text: `start` or `end`."""

    text: str


@dataclass(frozen=True, slots=True)
class Flag:
    """An event that is marked on the chart, such as a due date."""

    at: float
    """The horizontal coordinate of the day."""

    day: date
    text: str
    kind: str
    """`due`, `milestone` or `today`; `mark` for a change such as an edited rule; `scope` for a week
    with considerable changes of scope or exemptions.
    """

    row: int | None = None
    """The row of the label, starting at 0. None if the flag has no label or no space for it."""

    anchor: str = "middle"
    """The alignment of the label: `start`, `middle` or `end`."""


@dataclass(frozen=True, slots=True)
class InexactRun:
    """A run of days with inexact numbers."""

    left: float
    """The horizontal coordinate of the first day."""

    width: float
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Fan:
    """The forecast of open items, starting today."""

    area: str
    """The SVG path around the area between the forecasts with 15% and 85% confidence."""

    line: str
    """The SVG path of the median forecast."""

    p50: date | None
    """The 50% finish date, or None if it is after the horizon."""

    p85: date | None
    """The 85% finish date, or None if it is after the horizon."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """The end of a forecast that exceeds the scale, drawn after a break in the axis."""

    cut: float
    """The horizontal coordinate of the break."""

    at: float
    """The horizontal coordinate of the 85% finish date."""

    area: str
    """The SVG path around the area between 15% and 85% confidence after the break."""

    text: str
    """The month of the finish date, such as `Aug 2029`, or `after 2031`."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A burndown chart for one screen width."""

    drawn: Area
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    """The bands of open items, bottom band first."""

    exempt: str | None
    """The SVG path around the band of exempt items, or None without exempt items."""

    ideal: str | None
    """The SVG path of a line of even progress to the due date. None without a due date after the
    first day, or without open items on the first day.
    """

    fan: Fan | None
    flags: tuple[Flag, ...]
    inexact: tuple[InexactRun, ...] = ()
    """The shaded days with inexact numbers, oldest first."""

    beyond: Beyond | None = None
    """The end of the forecast, if it is too far away for the scale."""


@dataclass(frozen=True, slots=True)
class ChartRow:
    """The numbers that the burndown chart shows for one day."""

    day: date
    values: tuple[int, ...]
    """One count for each of the chart's `names`."""

    open: int
    """The total number of open items."""

    inexact: bool = False
    """Whether the numbers are inexact."""


@dataclass(frozen=True, slots=True)
class BurndownChart:
    """A chart of open items over time, drawn for wide and for narrow screens."""

    wide: Plot | None
    """The drawing for wide screens, or None without a history."""

    narrow: Plot | None
    """The drawing for narrow screens, or None without a history."""

    text: str
    """A description of the chart for screen readers."""

    names: tuple[str, ...] = ()
    """The names of the bands of open items, bottom first, followed by `exempt` for a chart with
    exempt items.
    """

    rows: tuple[ChartRow, ...] = ()
    """The numbers that the chart shows, newest day first. A long list is truncated."""


def burndown_chart(data: BurndownData) -> BurndownChart:
    """Draw a burndown chart for wide and for narrow screens."""
    if not data.days:
        return BurndownChart(None, None, f"{data.title}: no history yet.")
    return BurndownChart(
        _plot(data, 1080, 380), _plot(data, 420, 320), _words(data), _names(data), _rows(data)
    )


def _names(data: BurndownData) -> tuple[str, ...]:
    names = tuple(layer.name for layer in data.layers)
    return (*names, "exempt") if any(data.exempt) else names


def _rows(data: BurndownData) -> tuple[ChartRow, ...]:
    exempt = [data.exempt] if any(data.exempt) else []
    columns = zip(*(layer.values for layer in data.layers), *exempt, strict=True)
    rows = [
        ChartRow(day, values, open_items, any(first <= day <= last for first, last in data.inexact))
        for day, values, open_items in zip(data.days, columns, data.open, strict=True)
    ]
    return tuple(reversed(rows[-_MOST_ROWS:]))


def _plot(data: BurndownData, width: int, height: int) -> Plot:
    tops = [sum(pair) for pair in zip(data.open, data.exempt, strict=True)]
    last = _last_day(data)
    month = _month_beyond(data, last)
    margin = 18 if month is None else 18 + _break(width)
    drawn = area(width, height, data.days[0], last, max(tops, default=0), margin=margin)
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
        _inexact(data, drawn),
        None if month is None else _beyond(data, drawn, month),
    )


def _bands(data: BurndownData, drawn: Area) -> tuple[tuple[Band, ...], str | None]:
    """Return the bands of open items, and the path around the exempt band above them, if any."""
    xs = [drawn.x(day) for day in data.days]
    floor = [0] * len(xs)
    bands = []
    for number, layer in enumerate((*data.layers, Layer("exempt", data.exempt)), 1):
        roof = [low + value for low, value in zip(floor, layer.values, strict=True)]
        upper, lower = ([drawn.y(value) for value in values] for values in (roof, floor))
        label = _band_label(layer.name, xs, upper, lower, drawn.top + _LINE)
        bands.append(Band(layer.name, number, closed(xs, upper, lower), layer.values[-1], label))
        floor = roof
    return tuple(bands[:-1]), bands[-1].path if any(data.exempt) else None


def _band_label(
    name: str, xs: Sequence[float], upper: Sequence[float], lower: Sequence[float], top: float
) -> Label | None:
    """Place a band's name at its left or right end. Return None if the name fits at neither.

    Args:
        name: The name of the band.
        xs: The horizontal coordinates of the band's days.
        upper: The upper edge of the band on each day.
        lower: The lower edge of the band on each day.
        top: The highest coordinate for the text.
    """
    text = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    length = _LETTER * len(text) + 2 * _PAD
    if xs[-1] - xs[0] < length:
        return None
    for anchor, x, first, last in (
        ("start", xs[0] + _PAD, xs[0], xs[0] + length),
        ("end", xs[-1] - _PAD, xs[-1] - length, xs[-1]),
    ):
        # Include the nearest days at or beyond both edges of the range.
        begin = max(bisect_right(xs, first) - 1, 0)
        end = bisect_left(xs, last) + 1
        high = max(*upper[begin:end], top)
        low = min(lower[begin:end])
        if low - high >= _LINE:
            return Label(round(x, 1), round((low + high) / 2 + 4, 1), anchor, text)
    return None


def _flags(data: BurndownData, drawn: Area) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    taken: list[list[tuple[float, float]]] = [[], []]
    # Place the most important labels first, because some of them may not fit.
    for day, text, kind in sorted(
        data.flags, key=lambda flag: (flag[2] != "due", flag[2] != "today", flag)
    ):
        if not drawn.first <= day <= drawn.last:
            continue
        at = round(drawn.x(day), 1)
        if kind in ("mark", "scope"):
            flags.append(Flag(at, day, text, kind))
            continue
        length = _LETTER * min(len(text), 24)
        anchor, begin = "middle", at - length / 2
        if at + length / 2 > drawn.right:
            anchor, begin = "end", at - length
        elif begin < drawn.left:
            anchor, begin = "start", at
        free = (row for row in (0, 1) if _is_free(taken[row], begin, begin + length))
        row = next(free, None)
        if row is not None:
            taken[row].append((begin, begin + length))
        flags.append(Flag(at, day, text, kind, row, anchor))
    return tuple(sorted(flags, key=lambda flag: (flag.day, flag.kind, flag.text)))


def _inexact(data: BurndownData, drawn: Area) -> tuple[InexactRun, ...]:
    """Return the shaded days. Short runs are widened to be visible."""
    runs = []
    for first, last in data.inexact:
        if last >= drawn.first and first <= drawn.last:
            left = drawn.x(max(first, drawn.first))
            width = max(drawn.x(min(last, drawn.last)) - left, _NARROWEST)
            left = min(left, drawn.right - width)
            runs.append(InexactRun(round(left, 1), round(width, 1), first, last))
    return tuple(runs)


def _is_free(taken: Sequence[tuple[float, float]], begin: float, end: float) -> bool:
    return all(end + _LETTER < first or last + _LETTER < begin for first, last in taken)


def _fan(data: BurndownData, drawn: Area) -> Fan | None:
    shown = fan_until(data, drawn.last)
    if len(shown) < 2:
        return None
    xs = [drawn.x(point.date) for point in shown]
    low, middle, high = (
        [max(drawn.y(getattr(point, name)), float(drawn.top)) for point in shown]
        for name in ("low", "median", "high")
    )
    return Fan(closed(xs, high, low), line(list(zip(xs, middle, strict=True))), data.p50, data.p85)


def _month_beyond(data: BurndownData, last: date) -> str | None:
    """Return the month of the 85% finish date if it is after the scale, otherwise None.

    If the date is after the horizon, return `after` and the year of the horizon. The scale ends on
    the day `last`.
    """
    if len(data.fan) < 2 or data.horizon is None:
        return None
    if data.p85 is None:
        return f"after {data.horizon.year}"
    return f"{MONTHS[data.p85.month - 1]} {data.p85.year}" if data.p85 > last else None


def _break(width: int) -> int:
    """Return the width of the part of a chart after the break in its axis."""
    return 86 if width > 600 else 66


def _beyond(data: BurndownData, drawn: Area, text: str) -> Beyond:
    """Continue the fan after the break. Its upper edge falls to 0 at the 85% finish date."""
    shown = fan_until(data, drawn.last)
    at = drawn.width - 24.0
    cut = float(drawn.right)
    nearest = shown[-1] if shown else data.fan[0]
    high, low = (max(drawn.y(value), float(drawn.top)) for value in (nearest.high, nearest.low))
    path = closed([cut, at], [high, float(drawn.bottom)], [low, float(drawn.bottom)])
    return Beyond(cut, at, path, text)


def _last_day(data: BurndownData) -> date:
    """Return the day at the right edge of the chart. It limits the visible part of the future."""
    first, latest = data.days[0], data.days[-1]
    fan = data.fan[-1].date if data.fan else None
    wanted = [latest, *(day for day in (data.due, data.p50, data.p85, fan) if day is not None)]
    limit = latest + max((latest - first) * 3 // 4, timedelta(weeks=8))
    return max(min(max(wanted), limit), first + timedelta(days=1))


def _words(data: BurndownData) -> str:
    words = (
        f"{data.title}: {data.open[0]} open on {day_text(data.days[0])}, "
        f"{data.open[-1]} open on {day_text(data.days[-1])}"
    )
    if any(data.exempt):
        words += f", {data.exempt[-1]} exempt"
    if data.due is not None:
        words += f"; due {day_text(data.due)}"
    if data.p50 is not None:
        words += f"; 50% likely to finish by {day_text(data.p50)}"
    if data.p85 is not None:
        words += f", 85% by {day_text(data.p85)}"
    for first, last in data.inexact:
        words += f"; not exact from {first.isoformat()} to {last.isoformat()}"
    return words + "."
