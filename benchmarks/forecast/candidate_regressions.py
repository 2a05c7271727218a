"""Regressions of the logarithm of the remaining weeks on the features of the model."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.forecast.equations import solved
from benchmarks.forecast.fit import Row, row_of, weighed
from benchmarks.forecast.measures import LEVELS
from benchmarks.forecast.methods import Method, Stated, scaled
from benchmarks.forecast.situations import Situation
from headway.progress.forecast_model import Features
from headway.progress.forecast_prior import weighted_quantiles

KNOTS = (0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95)
"""The probabilities for which quantiles are fitted. Other quantiles are interpolated."""
AGES = (8, 26, 52, 104, 208)
"""The ages in weeks that separate the groups of `calibrated_by_age`."""
_STEPS = 12
_SMALLEST = 0.05
_RIDGE = 0.01


def linear(fitted_on: Sequence[Situation]) -> Method:
    """Fit a linear model of all features by least squares, and use the quantiles of its errors."""
    rows = _finished(fitted_on)
    weights = _fitted([_values(row.features) for row in rows], rows, [row.weight for row in rows])
    return scaled(lambda each: math.exp(_product(weights, _values(each.features))), fitted_on)


def quantile_regression(fitted_on: Sequence[Situation]) -> Method:
    """Fit each quantile of the remaining weeks separately, on all features."""
    rows = _finished(fitted_on)
    fits = [_quantile(rows, level) for level in KNOTS]

    def stated(situation: Situation) -> Stated:
        values = _values(situation.features)
        found = sorted(_product(weights, values) for weights in fits)
        return Stated(tuple(math.exp(_between(found, level)) for level in LEVELS))

    return stated


def calibrated_by_age(fitted_on: Sequence[Situation]) -> Method:
    """Use the quantiles of the remaining weeks of migrations of a similar age."""
    rows = _finished(fitted_on)
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[bisect_right(AGES, row.number)].append(row)

    def stated(situation: Situation) -> Stated:
        return Stated(found.get(bisect_right(AGES, situation.number), whole))

    whole = _weeks(rows)
    found = {age: _weeks(group) for age, group in groups.items()}
    return stated


def _weeks(rows: Sequence[Row]) -> tuple[float, ...]:
    return tuple(
        map(math.exp, weighted_quantiles((math.log(row.finish), row.weight) for row in rows))
    )


def _finished(fitted_on: Sequence[Situation]) -> list[Row]:
    return weighed([row_of(each) for each in fitted_on if each.migration.finished])


def _values(found: Features) -> tuple[float, ...]:
    return (1.0, *found)


def _quantile(rows: Sequence[Row], level: float) -> list[float]:
    """Fit a quantile by iteratively reweighted least squares."""
    values = [_values(row.features) for row in rows]
    parts = [row.weight for row in rows]
    for _ in range(_STEPS):
        weights = _fitted(values, rows, parts)
        errors = [
            math.log(row.finish) - _product(weights, each)
            for row, each in zip(rows, values, strict=True)
        ]
        parts = [
            row.weight * (level if error > 0 else 1 - level) / max(abs(error), _SMALLEST)
            for row, error in zip(rows, errors, strict=True)
        ]
    return weights


def _fitted(
    values: Sequence[Sequence[float]], rows: Sequence[Row], parts: Sequence[float]
) -> list[float]:
    size = len(values[0])
    matrix = [[_RIDGE * (row == column) for column in range(size)] for row in range(size)]
    right = [0.0] * size
    for each, row, part in zip(values, rows, parts, strict=True):
        target = math.log(row.finish)
        for place, value in enumerate(each):
            right[place] += part * value * target
            for other in range(size):
                matrix[place][other] += part * value * each[other]
    return solved(matrix, right)


def _product(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def _between(found: Sequence[float], level: float) -> float:
    """Return the quantile for the probability `level`, by linear interpolation between KNOTS.

    Outside the knots, extend the line through the two nearest ones.
    """
    place = min(max(bisect_right(KNOTS, level), 1), len(KNOTS) - 1)
    share = (level - KNOTS[place - 1]) / (KNOTS[place] - KNOTS[place - 1])
    return found[place - 1] + share * (found[place] - found[place - 1])
