"""The drift chart of forecast finish dates. Its line rises when the forecast moves later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from headway.metrics.forecast_records import ForecastRecord, PastForecastRow
from headway.model.days import day_text
from headway.site.charts.axes import Area, Tick, closed, day_ticks, line, spread_days

_WIDTH, _HEIGHT, _LEFT = 460, 240, 70
_LABEL = 30


@dataclass(frozen=True, slots=True)
class DriftChart:
    """A chart of forecast finish dates, by the date on which each forecast was made."""

    drawn: Area
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    area: str
    """The SVG path around the area between the finish dates with 50% and 85% confidence."""

    line: str
    """The SVG path of the line of finish dates with 50% confidence."""

    now: str
    """The SVG path of the diagonal, where the finish date equals the date of the forecast."""

    due: float | None
    """The vertical coordinate of the due date; None if it is missing or outside the chart."""

    finish: float | None
    """The vertical coordinate of the finish date; None if the campaign has not finished."""

    text: str
    """A description of the chart for screen readers."""


def drift_chart(title: str, record: ForecastRecord, due: date | None) -> DriftChart | None:
    """Draw a drift chart; return None with fewer than two earlier forecasts."""
    forecasts = record.told
    if len(forecasts) < 2:
        return None
    bottom, top = _days_shown(record, due)
    drawn = Area(
        _WIDTH, _HEIGHT, _LEFT, _WIDTH - 18, 14, _HEIGHT - 30,
        forecasts[0].said_on, forecasts[-1].said_on, (top - bottom).days,
    )  # fmt: skip

    def height(day: date | None) -> float:
        return drawn.y((min(day or top, top) - bottom).days)

    xs = [drawn.x(forecast.said_on) for forecast in forecasts]
    middles = [height(forecast.p50) for forecast in forecasts]
    highs = [height(forecast.p85) for forecast in forecasts]
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
    """Return the first and last date of the vertical axis. Later dates are drawn at its edge."""
    forecasts = record.told
    named = [forecast.p50 for forecast in forecasts if forecast.p50 is not None]
    known = [
        forecasts[-1].said_on,
        *named,
        *(day for day in (due, record.finished) if day is not None),
    ]
    later = [forecast.p85 for forecast in forecasts if forecast.p85 is not None]
    # Do not extend the axis to an earlier due date, which would compress everything else.
    bottom = forecasts[0].said_on
    reach = max(known) - bottom
    top = min(max([*known, *later]), max(known) + reach / 3)
    return bottom, max(top, bottom + timedelta(weeks=8))


def _words(title: str, record: ForecastRecord) -> str:
    first, last = _named(record.told[0]), _named(record.told[-1])
    end = f" It finished by {day_text(record.finished)}." if record.finished else ""
    return f"{title}, 50% likely finish date: {first}; {last}.{end}"


def _named(forecast: PastForecastRow) -> str:
    date_of_finish = day_text(forecast.p50) if forecast.p50 else "beyond the horizon"
    return f"on {day_text(forecast.said_on)} it was {date_of_finish}"
