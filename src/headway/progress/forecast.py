"""Forecast the finish date as a distribution that is fitted on public migrations.

forecast_model.py predicts how many weeks remain, and how likely the campaign is to stall. This
module turns the prediction into dates. docs/forecast.md describes the method and its accuracy.
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
"""A date that is more than this number of weeks ahead is not given."""

MINIMUM_WEEKS = 8
"""A forecast needs this many weeks of history."""

SHARES = (0.05, 0.15, 0.25, 0.5, 0.75, 0.85, 0.95)
"""The probabilities for which a forecast gives dates."""

LOW, MIDDLE, HIGH = 0.15, 0.5, 0.85

PACE_WEEKS = 4
"""The observed pace is the average over this many weeks."""

YEAR_WEEKS = 52
"""The long-term pace is the average over this many weeks."""

_FAN_POINTS = 60
_NOT_BEGUN = (
    f"the number of open items has not yet fallen by {1 - BEGUN:.0%} within {RECENT_WEEKS} weeks"
)


class Quantile(NamedTuple):
    """The date by which a campaign that does not stall finishes with a given probability."""

    share: float
    """The probability, from 0 to 1."""
    day: date | None
    """None if the date is after the horizon."""


class FanPoint(NamedTuple):
    """The 15%, 50% and 85% quantiles of the number of open items at the end of a day.

    The open items fall along straight lines to the dates of these quantiles.
    """

    day: date
    low: int
    median: int
    high: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of the finish date: the day on which at most `residual` items are open."""

    open: int
    """Items that are open now."""
    residual: int
    """The number of open items at which the campaign counts as finished."""
    reason: str | None
    """Why there is no forecast; None if there is one."""
    quantiles: tuple[Quantile, ...]
    """One quantile for each of `SHARES`; empty if there is no forecast.

    The quantiles apply if the campaign does not stall.
    """
    stall: float | None
    """The probability that the campaign stalls for good, that is, never finishes, from 0 to 1; None
    if there is no forecast.
    """
    chance: float | None
    """The probability of finishing by the due date, from 0 to 1; None if there is no due date or no
    forecast. Stalling counts as not finishing."""
    pace_seen: float
    """The average number of fixes per week in the last `PACE_WEEKS` weeks."""
    pace_year: float
    """The average number of fixes per week in the last `YEAR_WEEKS` weeks, or in all weeks if there
    are fewer."""
    pace_needed: float | None
    """The number of fixes per week needed to meet the due date, including fixes of future items.

    None if no due date is ahead, or if nothing remains to be fixed.
    """
    growth: float
    """The average growth of the scope, in items per week. It is not extrapolated."""
    weeks: int
    """The number of weeks of history on which the forecast is based."""
    fixing_weeks: int
    """The number of weeks with at least one fix."""
    fan: tuple[FanPoint, ...]
    """The open counts over time; empty without a forecast, or if `fan` was not requested.
    """

    def day(self, share: float) -> date | None:
        """Return the date by which the campaign finishes with a probability.

        The share is one of `SHARES`. The result is None if there is no forecast or the date is
        after the horizon.
        """
        return next((quantile.day for quantile in self.quantiles if quantile.share == share), None)

    @property
    def p50(self) -> date | None:
        """The date by which the campaign finishes with 50% probability."""
        return self.day(MIDDLE)

    @property
    def p85(self) -> date | None:
        """The date by which the campaign finishes with 85% probability."""
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

    Forecasts are cached, because pages and the digest need the same ones.

    Args:
        history: The weekly history.
        due: The due date (inclusive).
        residual: The number of open items at which the campaign counts as finished; None for 2% of
            the maximum, rounded down.
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
    """Return why there is no forecast of a campaign with open items; None if there is one."""
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
    """Return the fan's points, at most about 60, until the 85% date or the horizon."""
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
    """Return the fixes per week needed to meet the due date, including fixes of future items."""
    if due is None or due <= today or remaining <= 0:
        return None
    opened = sum(week.opened for week in weeks) / len(weeks) if weeks else 0.0
    return remaining / ((due - today).days / 7) + opened
