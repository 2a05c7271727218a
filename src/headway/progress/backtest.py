"""Backtests: how accurate forecasts would have been on a completed campaign.

For the end of each past week, a forecast is made from the data up to that week alone, and compared
with the actual finish date. The two straight lines that people draw through a burndown by hand are
evaluated in the same way, for comparison.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from statistics import median
from typing import NamedTuple

from headway.progress.forecast import HIGH, LOW, MIDDLE, Forecast, forecast
from headway.progress.weekly_history import WEEK, History

QUARTERS = (0.25, 0.5, 0.75, 1.0)
"""Upper ends of the quarters of the work, as shares of all fixes."""

Forecaster = Callable[[History, int], Forecast]
"""Makes a forecast from a history and the residual, the number of items that may stay open."""


class Judgement(NamedTuple):
    """The forecast at the end of one week, and the actual outcome.

    Finish dates are in weeks after `day`.
    """

    day: date
    """The last day of the week."""
    open: int
    """Open items at its end."""
    done: float
    """Share of all fixes up to the finish that had been made, 0 to 1."""
    finish: int
    """The actual finish."""
    low: float
    """The forecast's 15% finish; infinite beyond the horizon, as are the next two."""
    middle: float
    """The forecast's 50% finish."""
    high: float
    """The forecast's 85% finish."""
    average: float
    """Where the straight line of the average ends; infinite if it never does."""
    least_squares: float
    """Where the line of least squares ends; infinite if it never does."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """The backtest of a completed campaign."""

    residual: int
    """The number of open items at which the campaign counts as completed."""
    finish: date
    """The last day of the first week with at most `residual` open items."""
    weeks: int
    """Number of weeks up to the finish."""
    judgements: tuple[Judgement, ...]
    """One for each week for which there was enough history, oldest first."""


class Score(NamedTuple):
    """A summary of judgements; shares are of the weeks, 0 to 1."""

    weeks: int
    """Number of judgements."""
    middle_held: float
    """Share with the finish on or before the 50% date."""
    high_held: float
    """Share with the finish on or before the 85% date; a date beyond the horizon counts as held."""
    in_band: float
    """Share with the finish between the 15% and the 85% date."""
    open_ended: float
    """Share without an 85% date within the horizon."""
    given_held: float | None
    """`high_held` of the weeks that have an 85% date; None if no week has one."""
    error: float
    """Median distance between the 50% date and the finish, in weeks."""
    average: float
    """The same for the average line; infinite if more than half of these lines never end."""
    least_squares: float
    """The same for the line of least squares."""


def backtest(
    history: History,
    *,
    residual: int = 0,
    forecaster: Forecaster | None = None,
    every: int = 1,
) -> Backtest | None:
    """Backtest a history up to its finish; None if more than `residual` items are still open.

    Args:
        history: the weekly history.
        residual: the number of open items at which it counts as completed.
        forecaster: what makes the forecasts; None means `forecast`.
        every: make a forecast for every such week only: 2 means every other week.
    """
    weeks = history.weeks
    end = next((number for number, week in enumerate(weeks, 1) if week.open <= residual), None)
    if end is None or history.open > residual:
        return None
    # forecasts depend only on the sum over all repositories: compute it once
    history = History(history.last, (weeks,), (sum(history.before),))
    return Backtest(
        residual=residual,
        finish=history.last - WEEK * (len(weeks) - end),
        weeks=end,
        judgements=tuple(
            _judgements(history, range(1, end, every), end, residual, forecaster or _default)
        ),
    )


def score(judgements: Sequence[Judgement]) -> Score | None:
    """Summarise judgements; None if there are none."""
    if not judgements:
        return None
    count = len(judgements)
    given = [judgement for judgement in judgements if not math.isinf(judgement.high)]
    return Score(
        weeks=count,
        middle_held=sum(judgement.finish <= judgement.middle for judgement in judgements) / count,
        high_held=sum(judgement.finish <= judgement.high for judgement in judgements) / count,
        in_band=sum(judgement.low <= judgement.finish <= judgement.high for judgement in judgements)
        / count,
        open_ended=sum(math.isinf(judgement.high) for judgement in judgements) / count,
        given_held=sum(judgement.finish <= judgement.high for judgement in given) / len(given)
        if given
        else None,
        error=median(abs(judgement.middle - judgement.finish) for judgement in judgements),
        average=median(abs(judgement.average - judgement.finish) for judgement in judgements),
        least_squares=median(
            abs(judgement.least_squares - judgement.finish) for judgement in judgements
        ),
    )


def by_quarter(judgements: Iterable[Judgement]) -> dict[float, tuple[Judgement, ...]]:
    """Group judgements by the quarter of the work that had been done, by its upper end."""
    found: dict[float, list[Judgement]] = {quarter: [] for quarter in QUARTERS}
    for judgement in judgements:
        reached = next(quarter for quarter in QUARTERS if judgement.done <= quarter)
        found[reached].append(judgement)
    return {quarter: tuple(group) for quarter, group in found.items()}


def average_line(history: History, residual: int) -> float:
    """Weeks until the line from the first to the latest open count reaches the residual."""
    weeks = history.weeks
    fallen = sum(history.before) - history.open
    return (history.open - residual) / fallen * len(weeks) if fallen > 0 else math.inf


def least_squares_line(history: History, residual: int) -> float:
    """Weeks until the line of least squares through all open counts reaches the residual.

    0 if the line has reached it already.
    """
    counts = [sum(history.before), *(week.open for week in history.weeks)]
    middle, mean = (len(counts) - 1) / 2, sum(counts) / len(counts)
    square = sum((place - middle) ** 2 for place in range(len(counts)))
    covariance = sum((place - middle) * count for place, count in enumerate(counts))
    if not square or covariance >= 0:
        return math.inf
    slope = covariance / square
    return max((residual - mean) / slope + middle - (len(counts) - 1), 0.0)


def _default(history: History, residual: int) -> Forecast:
    return forecast(history, residual=residual, fan=False)


def _judgements(
    history: History, numbers: Iterable[int], end: int, residual: int, forecaster: Forecaster
) -> Iterator[Judgement]:
    fixed = list(accumulate(week.fixed for week in history.weeks[:end]))
    for number in numbers:
        past = history.until(number)
        forecast_then = forecaster(past, residual)
        if forecast_then.reason is not None:
            continue
        yield Judgement(
            day=past.last,
            open=past.open,
            done=fixed[number - 1] / fixed[-1] if fixed[-1] else 0.0,
            finish=end - number,
            low=_weeks_to(forecast_then, past.last, LOW),
            middle=_weeks_to(forecast_then, past.last, MIDDLE),
            high=_weeks_to(forecast_then, past.last, HIGH),
            average=average_line(past, residual),
            least_squares=least_squares_line(past, residual),
        )


def _weeks_to(forecast_then: Forecast, today: date, share: float) -> float:
    day = forecast_then.day(share)
    return math.inf if day is None else (day - today) / WEEK
