"""The drift chart shows how the forecast finish date changed."""

from __future__ import annotations

from datetime import date, timedelta

from headway.metrics.forecast_records import ForecastRecord, PastForecastRow
from headway.site.charts.drift_chart import drift_chart

FIRST = date(2025, 1, 6)
WEEK = timedelta(weeks=1)


def record(*ends: int | None, finished: date | None = None) -> ForecastRecord:
    """Return a record of forecasts that were made four weeks apart.

    Args:
        ends: The weeks until each forecast's 50% date; None if that is after the horizon. The 85%
            date is twice as far in the future.
    """
    days = [FIRST + 4 * number * WEEK for number in range(len(ends))]
    forecasts = tuple(
        PastForecastRow(
            day, None if end is None else day + end * WEEK, day + (end or 300) * 2 * WEEK
        )
        for day, end in zip(days, ends, strict=True)
    )
    return ForecastRecord(forecasts, finished, 0, 0)


def heights(path: str) -> list[float]:
    return [float(point.split()[1]) for point in path.strip("MLZ").replace("L", "M").split("M")]


def test_a_single_forecast_is_not_drawn() -> None:
    assert drift_chart("Remove six", record(20), None) is None
    assert drift_chart("Remove six", record(), None) is None


def test_a_later_finish_date_is_higher_and_a_stable_one_is_level() -> None:
    recedes = drift_chart("Remove six", record(20, 20, 20), None)
    holds = drift_chart("Remove six", record(20, 16, 12), None)
    assert recedes is not None
    assert holds is not None
    first, second, third = heights(recedes.line)
    assert first > second > third
    assert len(set(heights(holds.line))) == 1


def test_the_due_date_is_a_level_line() -> None:
    due = FIRST + 20 * WEEK
    chart = drift_chart("Remove six", record(20, 16), due)
    assert chart is not None
    assert chart.due == heights(chart.line)[0]


def test_a_due_date_before_the_first_forecast_is_not_drawn() -> None:
    chart = drift_chart("Remove six", record(20, 16), FIRST - 9 * WEEK)
    assert chart is not None
    assert chart.due is None
    assert chart == drift_chart("Remove six", record(20, 16), None)


def test_a_date_beyond_the_horizon_is_drawn_at_the_upper_edge() -> None:
    chart = drift_chart("Remove six", record(20, None), None)
    assert chart is not None
    assert heights(chart.line)[1] == chart.drawn.top
    assert chart.text.endswith("on 3 Feb 2025 it was beyond the horizon.")


def test_the_finish_date_is_drawn_at_its_height() -> None:
    end = FIRST + 12 * WEEK
    chart = drift_chart("Remove six", record(20, 14, 4, finished=end), None)
    assert chart is not None
    assert chart.finish == heights(chart.line)[2]
    assert chart.text.endswith("It finished by 31 Mar 2025.")
