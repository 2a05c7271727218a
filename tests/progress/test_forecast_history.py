"""What the forecast said earlier, and what came of it."""

from __future__ import annotations

from datetime import date, timedelta

from headway.progress.backtest import backtest, score
from headway.progress.forecast import forecast
from headway.progress.forecast_history import ForecastHistory, PastForecast, forecast_history
from headway.progress.weekly_history import WEEK, History, Week

LAST = date(2026, 3, 1)


def steady(weeks: int, open_: int, fixed: int = 2) -> History:
    """So many fixed in every week, and `open_` left."""
    first = open_ + weeks * fixed
    counts = [Week(0, fixed, 0, first - fixed * number) for number in range(1, weeks + 1)]
    return History(LAST, (tuple(counts),), (first,))


def test_while_it_goes_on_every_other_week_of_the_last_year_is_told_and_the_last_one_is_now() -> (
    None
):
    history = steady(weeks=80, open_=30)
    told = forecast_history(history).forecasts
    assert forecast_history(history).finish is None
    assert [each.day for each in told] == [LAST - 2 * WEEK * ago for ago in range(26, -1, -1)]
    now = forecast(history)
    assert told[-1] == PastForecast(LAST, now.p50, now.p85)
    earlier = forecast(history.until(70))
    assert PastForecast(LAST - 10 * WEEK, earlier.p50, earlier.p85) in told


def test_what_is_too_young_has_no_record() -> None:
    assert forecast_history(steady(weeks=3, open_=30)).forecasts == ()
    assert forecast_history(History(LAST)).forecasts == ()


def test_when_it_is_over_the_record_is_that_of_the_backtest() -> None:
    history = steady(weeks=40, open_=0)
    found, told = forecast_history(history), backtest(history)
    assert told is not None
    assert found.finish == told.finish
    whole = score(told.judgements)
    assert whole is not None
    middle, high = found.passed(LAST + timedelta(days=900))
    assert 1 - middle / len(found.forecasts) == whole.middle_held
    assert 1 - high / len(found.forecasts) == whole.high_held


def test_a_day_has_passed_when_it_was_not_over_by_then() -> None:
    days = [LAST - WEEK, LAST, LAST + WEEK, None]
    told = tuple(PastForecast(LAST - 9 * WEEK, day, None) for day in days)
    assert ForecastHistory(None, told).passed(LAST) == (1, 0)
    assert ForecastHistory(None, told).passed(LAST + timedelta(days=1)) == (2, 0)
    assert ForecastHistory(LAST - 2 * WEEK, told).passed(LAST) == (0, 0)
