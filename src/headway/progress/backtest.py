"""Backtests measure how accurate forecasts would have been on a completed campaign.

For each past week, a backtest makes a forecast from only the data up to that week, and compares the
forecast with the actual finish date. The backtest also evaluates two simpler methods, which
extrapolate the open count along a straight line: at the average pace since the start, and by least
squares.
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
"""The upper limit of each quarter of a campaign, as a share of the fixes up to the finish."""

Forecaster = Callable[[History, int], Forecast]
"""Makes a forecast from a history and a residual, the number of items that may stay open."""


class Judgement(NamedTuple):
    """The forecast at the end of one week, and the actual outcome.

    Finish dates are numbers of weeks after `day`.
    """

    day: date
    """The last day of the week."""
    open: int
    """The number of open items at the end of the week."""
    done: float
    """The share of the fixes up to the finish that were made by the end of the week, from 0 to 1.
    """
    finish: int
    """The actual finish date, in weeks after `day`."""
    low: float
    """The 15% finish date of the forecast, or infinity if it is after the horizon."""
    middle: float
    """The 50% finish date of the forecast, or infinity if it is after the horizon."""
    high: float
    """The 85% finish date of the forecast, or infinity if it is after the horizon."""
    average: float
    """The finish date at the average pace, or infinity if the average pace does not reduce the open
    count.
    """
    least_squares: float
    """The finish date from a least-squares line, or infinity if the line does not fall."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """Weekly forecasts for a completed campaign, compared with its actual finish date."""

    residual: int
    """The number of open items at which the campaign counts as completed."""
    finish: date
    """The last day of the first week with at most `residual` open items."""
    weeks: int
    """The number of weeks up to the finish."""
    judgements: tuple[Judgement, ...]
    """The judgements of the weeks for which a forecast was made, oldest first."""


class Score(NamedTuple):
    """A summary of weekly judgements. Shares are from 0 to 1."""

    weeks: int
    middle_held: float
    """The share of weekly forecasts whose 50% date was on or after the actual finish, or after the
    horizon.
    """
    high_held: float
    """The share of weekly forecasts whose 85% date was on or after the actual finish, or after the
    horizon.
    """
    in_band: float
    """The share of weekly forecasts whose 15% to 85% range contained the actual finish."""
    open_ended: float
    """The share of weekly forecasts whose 85% date was after the horizon."""
    given_held: float | None
    """`high_held`, computed only from forecasts whose 85% date was within the horizon. None if no
    forecast had such a date.
    """
    error: float
    """The median error of the 50% date, in weeks, or infinity if at least half of the dates are
    infinite.
    """
    average: float
    """The median error of the finish date at the average pace, in weeks, or infinity if at least
    half of the dates are infinite.
    """
    least_squares: float
    """The median error of the finish date from a least-squares line, in weeks, or infinity if at
    least half of the dates are infinite.
    """


def backtest(
    history: History,
    *,
    residual: int = 0,
    forecaster: Forecaster | None = None,
    every: int = 1,
) -> Backtest | None:
    """Backtest a history up to its finish. Return None if it has not finished.

    Args:
        history: The weekly history of a campaign.
        residual: The number of open items at which the campaign counts as completed.
        forecaster: The function that makes the forecasts. None means `forecast`.
        every: The number of weeks from one forecast to the next.
    """
    weeks = history.weeks
    end = next((number for number, week in enumerate(weeks, 1) if week.open <= residual), None)
    if end is None or history.open > residual:
        return None
    # Compute the sums over all repositories only once.
    history = history.summed()
    return Backtest(
        residual=residual,
        finish=history.last - WEEK * (len(weeks) - end),
        weeks=end,
        judgements=tuple(
            _judgements(history, range(1, end, every), end, residual, forecaster or _default)
        ),
    )


def score(judgements: Sequence[Judgement]) -> Score | None:
    """Summarise judgements. Return None for an empty sequence."""
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
    """Group judgements by quarter of the campaign. The keys are `QUARTERS`."""
    found: dict[float, list[Judgement]] = {quarter: [] for quarter in QUARTERS}
    for judgement in judgements:
        reached = next(quarter for quarter in QUARTERS if judgement.done <= quarter)
        found[reached].append(judgement)
    return {quarter: tuple(group) for quarter, group in found.items()}


def average_line(history: History, residual: int) -> float:
    """Return the weeks until a line through the first and last open counts reaches `residual`.

    The result is infinity if the line does not fall.
    """
    weeks = history.weeks
    fallen = sum(history.before) - history.open
    return (history.open - residual) / fallen * len(weeks) if fallen > 0 else math.inf


def least_squares_line(history: History, residual: int) -> float:
    """Return the weeks until a least-squares line through all open counts reaches `residual`.

    The result is 0 if the line has already reached `residual`, and infinity if it does not fall.
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
