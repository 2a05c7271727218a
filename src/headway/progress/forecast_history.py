"""Past forecasts of a campaign, and the number of forecast dates that have passed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from headway.progress.backtest import Judgement, backtest
from headway.progress.forecast import forecast
from headway.progress.forecast_coefficients import COEFFICIENTS, Coefficients
from headway.progress.weekly_history import WEEK, History

MOST = 52
"""The maximum number of forecasts for a completed campaign, spread evenly over its weeks."""

_WEEKS = 52
"""The number of past weeks to cover for an unfinished campaign."""
_EVERY = 2
"""The number of weeks between forecasts for an unfinished campaign."""


class PastForecast(NamedTuple):
    """The forecast that would have been made on a past day."""

    day: date
    middle: date | None
    """The 50% finish date, or None if it is after the horizon."""
    high: date | None
    """The 85% finish date, or None if it is after the horizon."""


@dataclass(frozen=True, slots=True)
class ForecastHistory:
    """Past forecasts of one campaign."""

    finish: date | None
    """The last day of the first week without open items, or None while items are open."""
    forecasts: tuple[PastForecast, ...]
    """The forecasts, oldest first. Days without a forecast are omitted."""

    def passed(self, today: date) -> tuple[int, int]:
        """Count the 50% dates and the 85% dates before the finish or, if unfinished, before
        `today`.
        """
        end = self.finish or today
        return (
            sum(past.middle is not None and past.middle < end for past in self.forecasts),
            sum(past.high is not None and past.high < end for past in self.forecasts),
        )


def forecast_history(history: History, prior: Coefficients = COEFFICIENTS) -> ForecastHistory:
    """Make the forecasts of past weeks, each using only the data up to the end of its week.

    Args:
        history: The weekly history.
        prior: The coefficients for an unfinished campaign. Forecasts of a finished campaign never
            use the workspace's finished campaigns, because these include the campaign itself.
    """
    completed = backtest(history, every=max(math.ceil(len(history.weeks) / MOST), 1))
    if completed is not None:
        return ForecastHistory(completed.finish, tuple(map(_past_forecast, completed.judgements)))
    return ForecastHistory(None, tuple(_recent_forecasts(history.summed(), prior)))


def _past_forecast(judgement: Judgement) -> PastForecast:
    day = judgement.day
    return PastForecast(day, _day(day, judgement.middle), _day(day, judgement.high))


def _day(day: date, weeks: float) -> date | None:
    return None if math.isinf(weeks) else day + WEEK * weeks


def _recent_forecasts(history: History, prior: Coefficients) -> Iterator[PastForecast]:
    last = len(history.weeks)
    first = max(last - _WEEKS, 1 + (last - 1) % _EVERY)
    for number in range(first, last + 1, _EVERY):
        past = history.until(number)
        forecast_then = forecast(past, prior=prior, fan=False)
        if forecast_then.reason is None and past.open:
            yield PastForecast(past.last, forecast_then.p50, forecast_then.p85)
