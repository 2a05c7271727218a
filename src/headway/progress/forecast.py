"""Forecast the finish date as a distribution, fitted on public migrations.

forecast_model.py predicts the number of remaining weeks and the probability of a stall. This module
converts the prediction to dates. docs/forecast.md describes the method and its accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from headway.progress.forecast_coefficients import COEFFICIENTS, Coefficients
from headway.progress.forecast_model import (
    BEGUN,
    RECENT_WEEKS,
    Prediction,
    begun,
    features,
    open_repositories,
    predict,
    residual_of,
)
from headway.progress.weekly_history import WEEK, History, Week

HORIZON_WEEKS = 260
"""The horizon of a forecast, in weeks. A forecast gives no date after the horizon."""

MINIMUM_WEEKS = 8
"""The minimum number of weeks of history for a forecast."""

SHARES = (0.05, 0.15, 0.25, 0.5, 0.75, 0.85, 0.95)
"""The probabilities for which a forecast gives dates."""

LOW, MIDDLE, HIGH = 0.15, 0.5, 0.85

PACE_WEEKS = 4
"""The number of weeks over which the observed pace is averaged."""

YEAR_WEEKS = 52
"""The number of weeks over which the long-term pace is averaged."""

_FAN_POINTS = 60
_NOT_BEGUN = (
    f"the number of open items has not yet fallen by {1 - BEGUN:.0%} within {RECENT_WEEKS} weeks"
)


class Quantile(NamedTuple):
    """The date by which a campaign that does not stall finishes with a given probability."""

    share: float
    """The probability, from 0 to 1."""
    day: date | None
    """The date, or None if it is after the horizon."""


class FanPoint(NamedTuple):
    """The open items at the end of a day if the campaign finishes on its 15%, 50% or 85% date.

    Each number falls in a straight line from the current open count.
    """

    day: date
    low: int
    median: int
    high: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of the finish date: the day on which at most `residual` items are open."""

    open: int
    """The number of items that are open now."""
    residual: int
    """The number of open items at which the campaign counts as finished."""
    reason: str | None
    """The reason why there is no forecast, or None if there is one."""
    quantiles: tuple[Quantile, ...]
    """One quantile for each of `SHARES`. Empty without a forecast.

    The quantiles assume that the campaign does not stall.
    """
    stall: float | None
    """The probability, from 0 to 1, that the campaign stalls for good and never finishes. None if
    there is no forecast, or if the campaign is finished.
    """
    chance: float | None
    """The probability of finishing by the due date, from 0 to 1. The probability takes into account
    that a stalled campaign never finishes. None without a due date or forecast.
    """
    pace_seen: float
    """The average number of fixes per week in the last `PACE_WEEKS` weeks."""
    pace_year: float
    """The average number of fixes per week in the last `YEAR_WEEKS` weeks, or in all weeks if there
    are fewer.
    """
    pace_needed: float | None
    """The number of fixes per week needed to meet the due date, including fixes of future items.

    None without a future due date or without remaining items.
    """
    growth: float
    """The average growth of the scope, in items per week. It is not extrapolated."""
    weeks: int
    """The number of weeks of history that the forecast is based on."""
    fixing_weeks: int
    """The number of weeks with at least one fix."""
    fan: tuple[FanPoint, ...]
    """The predicted open counts over time. Empty without a forecast, for a finished campaign, or if
    the fan was not requested.
    """

    def day(self, share: float) -> date | None:
        """Return the date by which a campaign that does not stall finishes with this probability.

        The share is one of `SHARES`. The result is None without a forecast or if the date is after
        the horizon.
        """
        return next((quantile.day for quantile in self.quantiles if quantile.share == share), None)

    @property
    def p50(self) -> date | None:
        """The date by which the campaign finishes with 50% probability, if it does not stall."""
        return self.day(MIDDLE)

    @property
    def p85(self) -> date | None:
        """The date by which the campaign finishes with 85% probability, if it does not stall."""
        return self.day(HIGH)


# This function has more than 50 lines because its docstring explains every argument.
@lru_cache(maxsize=256)
def forecast(
    history: History,
    *,
    due: date | None = None,
    residual: int | None = None,
    prior: Coefficients = COEFFICIENTS,
    fan: bool = True,
) -> Forecast:
    """Forecast the date by which at most `residual` items are open.

    Forecasts are cached, because pages and the digest need the same forecasts.

    Args:
        history: The weekly history.
        due: The due date (inclusive).
        residual: The number of open items at which the campaign counts as finished. None means that
            it is finished when no items are open. The dates are then those on which 2% of the
            highest open count (rounded down) remains.
        prior: The coefficients, fitted on finished migrations.
        fan: Whether to compute the fan.
    """
    repositories = open_repositories(history)
    history = history.summed()
    weeks, today = history.weeks, history.last
    year = weeks[-YEAR_WEEKS:]
    first = begun(history)
    limit = _residual(history, first) if residual is None else residual
    reason = None
    prediction: Prediction | None = None
    quantiles: tuple[Quantile, ...] = ()
    done = history.open <= limit and (residual is not None or not history.open)
    if done:
        quantiles = tuple(Quantile(share, today) for share in SHARES)
    elif reason := _why_none(history, first, limit):
        pass
    else:
        prediction = predict(features(history, first or 1, limit, repositories), prior)
        quantiles = tuple(Quantile(share, _day(today, prediction.at(share))) for share in SHARES)
    return Forecast(
        open=history.open,
        residual=limit,
        reason=reason,
        quantiles=quantiles,
        stall=prediction.stall if prediction else None,
        chance=_chance(prediction, done, today, due),
        pace_seen=sum(week.fixed for week in weeks[-PACE_WEEKS:]) / PACE_WEEKS,
        pace_year=sum(week.fixed for week in year) / len(year) if year else 0.0,
        pace_needed=_pace_needed(weeks, history.open - (residual or 0), today, due),
        growth=sum(week.scope for week in weeks) / len(weeks) if weeks else 0.0,
        weeks=len(weeks),
        fixing_weeks=sum(1 for week in weeks if week.fixed),
        fan=_fan(history, limit, prediction) if prediction and fan else (),
    )


def _residual(history: History, first: int | None) -> int:
    return 0 if first is None else residual_of(history, first)


def _why_none(history: History, first: int | None, limit: int) -> str | None:
    """Return why a campaign with open items has no forecast, or None if it has one."""
    count = len(history.weeks)
    if count < MINIMUM_WEEKS:
        return f"not enough history: {count} of {MINIMUM_WEEKS} weeks"
    if first is None:
        return _NOT_BEGUN
    if history.open <= limit:
        return "at most 2% of the items are left, too few to predict when they will be fixed"
    return None


def _day(today: date, weeks: float) -> date | None:
    return None if weeks > HORIZON_WEEKS else today + WEEK * ceil(weeks)


def _chance(
    prediction: Prediction | None, done: bool, today: date, due: date | None
) -> float | None:
    if due is None:
        return None
    if done:
        return 1.0
    return prediction.chance(min((due - today).days / 7, HORIZON_WEEKS)) if prediction else None


def _fan(history: History, residual: int, prediction: Prediction) -> tuple[FanPoint, ...]:
    """Return up to `_FAN_POINTS` + 1 points, from today to the 85% date or the horizon."""
    ends = [prediction.at(share) for share in (LOW, MIDDLE, HIGH)]
    last = ceil(min(ends[-1], HORIZON_WEEKS))
    step = ceil(last / _FAN_POINTS)
    left = history.open - residual
    points = []
    for week in (*range(0, last, step), last):
        counts = (residual + round(left * max(1 - week / end, 0.0)) for end in ends)
        points.append(FanPoint(history.last + WEEK * week, *counts))
    return tuple(points)


def _pace_needed(
    weeks: Sequence[Week], remaining: int, today: date, due: date | None
) -> float | None:
    """Return the number of fixes per week needed to meet the due date, including future items."""
    if due is None or due <= today or remaining <= 0:
        return None
    opened = sum(week.opened for week in weeks) / len(weeks) if weeks else 0.0
    return remaining / ((due - today).days / 7) + opened
