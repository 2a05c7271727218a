"""By when it was said to end, told day after day: a line that climbs is an end that recedes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from headway.metrics.records import ForecastRecord, PastForecastRow
from headway.site.charts.axes import Area, Tick, closed, day_ticks, line, spread_days

_WIDTH, _HEIGHT, _LEFT = 460, 240, 70
_LABEL = 30


@dataclass(frozen=True, slots=True)
class DriftChart:
    """area: from the 50 % days to the 85 % days; line: the 50 % days. now: days that are the day
    on which they are said, where a line that ends must arrive. due, finish: heights; None without
    any. text: in words.
    """

    drawn: Area
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    area: str
    line: str
    now: str
    due: float | None
    finish: float | None
    text: str


def drift_chart(title: str, record: ForecastRecord, due: date | None) -> DriftChart | None:
    """None with fewer than two days on which anything was said."""
    told = record.told
    if len(told) < 2:
        return None
    bottom, top = _days_shown(record, due)
    drawn = Area(
        _WIDTH, _HEIGHT, _LEFT, _WIDTH - 18, 14, _HEIGHT - 30,
        told[0].said_on, told[-1].said_on, (top - bottom).days,
    )  # fmt: skip

    def height(day: date | None) -> float:
        return drawn.y((min(day or top, top) - bottom).days)

    xs = [drawn.x(each.said_on) for each in told]
    middles, highs = [height(each.p50) for each in told], [height(each.p85) for each in told]
    now = [(drawn.x(day), height(day)) for day in (drawn.first, drawn.last)]
    ticks = spread_days(bottom, top, drawn.bottom - drawn.top, _LABEL)
    return DriftChart(
        drawn,
        day_ticks(drawn),
        tuple(Tick(round(height(day), 1), text) for day, text in ticks),
        closed(xs, highs, middles),
        line(list(zip(xs, middles, strict=True))),
        line(now),
        round(height(due), 1) if due is not None and bottom <= due <= top else None,
        round(height(record.finished), 1) if record.finished else None,
        _words(title, record),
    )


def _days_shown(record: ForecastRecord, due: date | None) -> tuple[date, date]:
    """First and last day of the scale of days that were named; what is beyond is at its edge."""
    told = record.told
    named = [each.p50 for each in told if each.p50 is not None]
    known = [told[-1].said_on, *named, *(day for day in (due, record.finished) if day is not None)]
    later = [each.p85 for each in told if each.p85 is not None]
    # a due date that had passed by then would press everything else together
    bottom = told[0].said_on
    reach = max(known) - bottom
    top = min(max([*known, *later]), max(known) + reach / 3)
    return bottom, max(top, bottom + timedelta(weeks=8))


def _words(title: str, record: ForecastRecord) -> str:
    said = [_named(record.told[0]), _named(record.told[-1])]
    end = f" It was over by {record.finished.isoformat()}." if record.finished else ""
    return f"{title}: {said[0]}, and {said[1]}.{end}"


def _named(told: PastForecastRow) -> str:
    day = told.p50.isoformat() if told.p50 else "a day years ahead"
    return f"on {told.said_on.isoformat()} half of all futures ended by {day}"
