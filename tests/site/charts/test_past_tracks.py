"""Past forecasts are drawn on one time scale."""

from __future__ import annotations

from datetime import date, timedelta

from headway.metrics.forecast_records import ForecastRecord, PastForecastRow
from headway.site.charts.past_tracks import chosen_forecasts, past_tracks

FIRST = date(2025, 1, 6)
DUE = date(2026, 6, 1)
HORIZON = date(2031, 1, 5)
TOLD = tuple(
    PastForecastRow(day, day + timedelta(weeks=40), day + timedelta(weeks=60))
    for day in (FIRST + timedelta(weeks=2 * number) for number in range(27))
)


def test_five_forecasts_of_different_ages_are_chosen() -> None:
    latest = TOLD[-1].said_on
    ages = [(latest - past.said_on).days for past in chosen_forecasts(TOLD)]
    assert ages == [364, 182, 84, 28, 0] or ages == [364, 182, 98, 28, 0]
    assert chosen_forecasts(TOLD[:1]) == [TOLD[0]]
    assert chosen_forecasts(()) == []


def test_each_bar_begins_on_the_day_of_its_forecast() -> None:
    drawn = past_tracks(ForecastRecord(TOLD, None, 0, 0), DUE, "at risk", HORIZON)
    assert drawn is not None
    assert drawn.scale.first == FIRST
    begins = [past.track.today for past in drawn.tracks]
    assert begins == sorted(set(begins))
    assert len({past.track.due for past in drawn.tracks}) == 1
    # Each 50% date is 40 weeks after its forecast, so all bars have the same length.
    lengths = {round((past.track.p50 or 0) - past.track.today) for past in drawn.tracks}
    assert len(lengths) == 1


def test_without_two_forecasts_or_after_the_end_there_is_no_chart() -> None:
    assert past_tracks(ForecastRecord(TOLD[:1], None, 0, 0), DUE, "at risk", HORIZON) is None
    assert past_tracks(ForecastRecord((), None, 0, 0), DUE, "at risk", HORIZON) is None
    assert past_tracks(ForecastRecord(TOLD, DUE, 0, 0), DUE, "done", None) is None
