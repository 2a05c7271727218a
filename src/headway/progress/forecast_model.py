"""Predict the remaining weeks of a migration, with coefficients fitted on public migrations.

The model has two parts. A migration stalls with some probability: it then never finishes. If it
does not stall, the logarithm of the remaining weeks is a linear function of the share of the items
and of the number of repositories that are left, plus an error whose quantiles are those of the
public migrations. The median error does not depend on the age of the migration, but the quantiles
below and above it do. benchmarks/forecast/fit.py fits the coefficients.
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
"""A migration has begun when at most this share of the recent maximum is open."""

RECENT_WEEKS = 26
"""The recent maximum is the highest number of open items in this many weeks."""

RESIDUAL = 0.02
"""A migration has finished when at most this share of the largest open count so far is open."""

_MIDDLE = 49
"""The place of the median among the errors at 1% to 99%."""
_PACE_WEEKS = 13
_AGE_OFFSET = 4


class Features(NamedTuple):
    """What the prediction depends on. All values are logarithms."""

    share: float
    """The share of the maximum that must still be fixed."""
    repositories: float
    """The number of repositories with open items."""
    slowness: float
    """The remaining items, in multiples of the fixes of the last 13 weeks."""
    age: float
    """The weeks since the migration began, plus 4."""


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

    This is the first week at whose end at most 90% of the maximum of the 26 weeks before is open.
    The result is None if there is no such week.
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
        history: The weekly history. One that is summed over the repositories takes less time.
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
    """Return the remaining weeks at 1% to 99% of a migration that does not stall.

    Args:
        found: The features.
        coefficients: The coefficients.
        errors: Return the weeks at these errors; None for all errors of the coefficients.
    """
    middle = coefficients.errors[_MIDDLE]
    centre = _centre(found, coefficients) + middle
    lower, upper = _widths(found, coefficients)
    return tuple(
        math.exp(centre + (upper if error > middle else lower) * (error - middle))
        for error in (coefficients.errors if errors is None else errors)
    )


def error_of(found: Features, weeks: float, coefficients: Coefficients) -> float:
    """Return the error of a past prediction, as if the migration had the typical age.

    This is the error for which `predicted_weeks` gives the weeks that really remained.

    Args:
        found: The features at the time of the prediction.
        weeks: The weeks that remained.
        coefficients: The coefficients. Of their errors, only the median is used.
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
    """Return the factors of the errors below and above the median."""
    older = found.age - coefficients.typical_age
    return math.exp(coefficients.lower_age * older), math.exp(coefficients.upper_age * older)


def _peak(history: History, first: int) -> int:
    weeks = history.weeks
    before = weeks[first - 2].open if first > 1 else sum(history.before)
    return max(before, *(week.open for week in weeks[first - 1 :]))
