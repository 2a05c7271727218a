"""The methods that judge.py compares. Each is fitted on the training set."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from benchmarks.forecast.measures import HORIZON, LEVELS
from benchmarks.forecast.simulation import METHOD, quantile_weeks
from benchmarks.forecast.situations import Situation
from headway.progress.backtest import average_line
from headway.progress.forecast_model import predict


class Stated(NamedTuple):
    """The forecast of a method."""

    weeks: tuple[float, ...]
    """The weeks until the finish at each of LEVELS; empty if there is no forecast."""
    stall: float = 0.0
    """The probability that the migration stalls, so that these weeks do not apply."""


Method = Callable[[Situation], Stated]

_RECENT_WEEKS = 26


def scaled(point: Callable[[Situation], float], fitted_on: Sequence[Situation]) -> Method:
    """Return a method that multiplies a point forecast by the quantiles of its past errors.

    The errors are those of completed migrations, all of which have the same weight.
    """
    finished = [each for each in fitted_on if each.migration.finished]
    counts = Counter(each.migration.id for each in finished)
    errors = sorted((each.finish / point(each), 1 / counts[each.migration.id]) for each in finished)
    sums = list(accumulate(weight for _, weight in errors))
    factors = [errors[bisect_left(sums, level * sums[-1])][0] for level in LEVELS]

    def stated(situation: Situation) -> Stated:
        weeks = point(situation)
        return Stated(tuple(weeks * factor for factor in factors))

    return stated


def constant(_: Situation) -> float:
    """Return 1, so that every forecast is the same."""
    return 1.0


def straight_line(situation: Situation) -> float:
    """Return the weeks needed for the remaining items at the average pace since the start."""
    return _bounded(average_line(situation.history, situation.residual))


def recent_average(situation: Situation) -> float:
    """Return the weeks needed for the remaining items at the average pace of the last 26 weeks."""
    recent = situation.history.weeks[-_RECENT_WEEKS:]
    fixed = sum(week.fixed for week in recent)
    return _bounded(situation.left * len(recent) / fixed) if fixed else HORIZON


def as_long_again(situation: Situation) -> float:
    """Return the age of the migration in weeks."""
    return situation.number


def simulation(situation: Situation) -> Stated:
    """Return the forecast of the method that resamples past weeks."""
    return Stated(quantile_weeks(situation.history, situation.residual, METHOD, LEVELS))


def model(situation: Situation) -> Stated:
    """Return the forecast of the shipped model."""
    found = predict(situation.features)
    return Stated(found.weeks, found.stall)


METHODS: dict[str, Callable[[Sequence[Situation]], Method]] = {
    "constant": partial(scaled, constant),
    "straight line": partial(scaled, straight_line),
    "recent average": partial(scaled, recent_average),
    "as long again": partial(scaled, as_long_again),
    "model": lambda _: model,
    "simulation": lambda _: simulation,
}


def _bounded(weeks: float) -> float:
    return min(max(weeks, 1.0), HORIZON) if math.isfinite(weeks) else HORIZON
