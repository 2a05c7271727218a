"""Past forecasts use only the data up to their day, and missed forecast dates are counted."""

from __future__ import annotations

from datetime import date, timedelta

from headway.progress.backtest import backtest, score
from headway.progress.forecast import forecast
from headway.progress.forecast_history import ForecastHistory, PastForecast, forecast_history
from headway.progress.weekly_history import WEEK, History, Week

LAST = date(2026, 3, 1)


def steady(weeks: int, open_: int, fixed: int = 2) -> History:
    """Return a history with the same number of fixes each week and `open_` open items left."""
    first = open_ + weeks * fixed
    counts = [Week(0, fixed, 0, first - fixed * number) for number in range(1, weeks + 1)]
    return History(LAST, (tuple(counts),), (first,))


def test_an_unfinished_campaign_has_a_forecast_for_every_other_week_up_to_now() -> None:
    history = steady(weeks=80, open_=30)
    forecasts_made = forecast_history(history).forecasts
    assert forecast_history(history).finish is None
    assert [past.day for past in forecasts_made] == [
        LAST - 2 * WEEK * ago for ago in range(26, -1, -1)
    ]
    now = forecast(history)
    assert forecasts_made[-1] == PastForecast(LAST, now.p50, now.p85)
    earlier = forecast(history.until(70))
    assert PastForecast(LAST - 10 * WEEK, earlier.p50, earlier.p85) in forecasts_made


def test_a_young_campaign_has_no_past_forecasts() -> None:
    assert forecast_history(steady(weeks=3, open_=30)).forecasts == ()
    assert forecast_history(History(LAST)).forecasts == ()


def test_a_completed_campaign_has_the_forecasts_of_the_backtest() -> None:
    history = steady(weeks=40, open_=0)
    found, forecasts_made = forecast_history(history), backtest(history)
    assert forecasts_made is not None
    assert found.finish == forecasts_made.finish
    whole = score(forecasts_made.judgements)
    assert whole is not None
    middle, high = found.passed(LAST + timedelta(days=900))
    assert 1 - middle / len(found.forecasts) == whole.middle_held
    assert 1 - high / len(found.forecasts) == whole.high_held


def test_a_date_has_passed_if_the_campaign_was_not_completed_by_then() -> None:
    days = [LAST - WEEK, LAST, LAST + WEEK, None]
    forecasts_made = tuple(PastForecast(LAST - 9 * WEEK, day, None) for day in days)
    assert ForecastHistory(None, forecasts_made).passed(LAST) == (1, 0)
    assert ForecastHistory(None, forecasts_made).passed(LAST + timedelta(days=1)) == (2, 0)
    assert ForecastHistory(LAST - 2 * WEEK, forecasts_made).passed(LAST) == (0, 0)
