"""Predict the remaining weeks of a migration, with coefficients fitted on public migrations.

The model has two parts. With some probability, a migration stalls and never finishes. If the
migration does not stall, the logarithm of the remaining weeks is a linear function plus an error.
The function depends on the share of remaining items and the number of remaining repositories. The
quantiles of the error are those of the public migrations. The median error does not depend on the
age of the migration, but the quantiles below and above the median do. benchmarks/forecast/fit.py
fits the coefficients.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from headway.progress.forecast_coefficients import COEFFICIENTS, Coefficients
from headway.progress.weekly_history import History

BEGUN = 0.9
"""A migration has begun when at most this share of its recent peak is open."""

RECENT_WEEKS = 26
"""The recent peak is the highest number of open items in this number of weeks."""

RESIDUAL = 0.02
"""A migration has finished when at most this share of its highest open count is open."""

_MIDDLE = 49
"""The index of the median among the errors at 1% to 99%."""
_PACE_WEEKS = 13
_AGE_OFFSET = 4


class Features(NamedTuple):
    """The inputs of the prediction. All values are logarithms."""

    share: float
    """The share of the maximum that must still be fixed."""
    repositories: float
    """The number of repositories with open items."""
    slowness: float
    """The remaining items, divided by the fixes in the last 13 weeks."""
    age: float
    """The number of weeks since the migration began, plus 4."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A probability distribution of the remaining weeks."""

    stall: float
    """The probability of never finishing, from 0 to 1."""
    weeks: tuple[float, ...]
    """The remaining weeks at 1% to 99%, if the migration does not stall."""

    def at(self, share: float) -> float:
        """Return the remaining weeks at a probability, if the migration does not stall."""
        return self.weeks[min(max(round(share * 100), 1), len(self.weeks)) - 1]

    def chance(self, weeks: float) -> float:
        """Return the probability of finishing within a number of weeks."""
        return (1 - self.stall) * bisect_right(self.weeks, weeks) / (len(self.weeks) + 1)


def begun(history: History) -> int | None:
    """Return the number of the week in which the migration began, counted from 1.

    At the end of this week, for the first time, at most 90% of the peak of the preceding 26
    weeks is open. The result is None if the migration has not begun.
    """
    counts = [sum(history.before), *(week.open for week in history.weeks)]
    for number in range(1, len(counts)):
        recent = max(counts[max(0, number - RECENT_WEEKS) : number])
        if recent and counts[number] <= BEGUN * recent:
            return number
    return None


def residual_of(history: History, first: int) -> int:
    """Return the number of open items at which the migration counts as finished.

    Args:
        history: The weekly history.
        first: The number of the week in which the migration began, counted from 1.
    """
    return math.floor(RESIDUAL * _peak(history, first))


def open_repositories(history: History) -> int:
    """Return the number of repositories with open items."""
    if history.open_repositories is not None:
        return history.open_repositories[-1] if history.open_repositories else 0
    return sum(1 for weeks in history.repositories if weeks and weeks[-1].open > 0)


def features(history: History, first: int, residual: int, repositories: int) -> Features:
    """Return the features at the end of a history in which more than `residual` items are open.

    Args:
        history: The weekly history. A history that is already summed over repositories is faster
            to process.
        first: The number of the week in which the migration began, counted from 1.
        residual: The number of open items at which the migration counts as finished.
        repositories: The number of repositories with open items.
    """
    weeks = history.weeks[first - 1 :]
    left = history.open - residual
    recent = weeks[-_PACE_WEEKS:]
    fixed = sum(week.fixed for week in recent)
    return Features(
        share=math.log(left / max(_peak(history, first), left)),
        repositories=math.log(max(repositories, 1)),
        slowness=math.log((left + 0.5) / (fixed + 0.5) * len(recent) / _PACE_WEEKS),
        age=math.log(len(weeks) + _AGE_OFFSET),
    )


def predicted_weeks(
    found: Features, coefficients: Coefficients, errors: Sequence[float] | None = None
) -> tuple[float, ...]:
    """Return the remaining weeks of a migration that does not stall, at 1% to 99%.

    Args:
        found: The features.
        coefficients: The coefficients.
        errors: The errors for which to return the weeks. None means the errors of the coefficients.
    """
    middle = coefficients.errors[_MIDDLE]
    centre = _centre(found, coefficients) + middle
    lower, upper = _widths(found, coefficients)
    return tuple(
        math.exp(centre + (upper if error > middle else lower) * (error - middle))
        for error in (coefficients.errors if errors is None else errors)
    )


def error_of(found: Features, weeks: float, coefficients: Coefficients) -> float:
    """Return the error of a past prediction, adjusted to the typical age.

    For this error, `predicted_weeks` returns the number of weeks that actually remained.

    Args:
        found: The features at the time of the prediction.
        weeks: The number of weeks that actually remained.
        coefficients: The coefficients. Only the median of their errors is used.
    """
    middle = coefficients.errors[_MIDDLE]
    distance = math.log(weeks) - _centre(found, coefficients) - middle
    lower, upper = _widths(found, coefficients)
    return middle + distance / (upper if distance > 0 else lower)


def predict(found: Features, coefficients: Coefficients = COEFFICIENTS) -> Prediction:
    """Return the distribution of the remaining weeks."""
    odds = (
        coefficients.stall
        + coefficients.stall_slowness * found.slowness
        + coefficients.stall_age * found.age
    )
    return Prediction(
        stall=1 / (1 + math.exp(-odds)),
        weeks=predicted_weeks(found, coefficients),
    )


def _centre(found: Features, coefficients: Coefficients) -> float:
    return coefficients.share * found.share + coefficients.repositories * found.repositories


def _widths(found: Features, coefficients: Coefficients) -> tuple[float, float]:
    """Return the factors for the errors below and above the median."""
    older = found.age - coefficients.typical_age
    return math.exp(coefficients.lower_age * older), math.exp(coefficients.upper_age * older)


def _peak(history: History, first: int) -> int:
    weeks = history.weeks
    before = weeks[first - 2].open if first > 1 else sum(history.before)
    return max(before, *(week.open for week in weeks[first - 1 :]))
