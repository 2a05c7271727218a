"""Linear equations and logistic regression for fitting the forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence

Target = tuple[tuple[float, ...], float, float]
"""The features, the target probability, and the weight of a case."""


_MOST = 30.0
"""The maximum absolute value of the logarithm of the odds. Without it, fits to separable cases
would overflow.
"""


def logistic(weights: Sequence[float], values: Sequence[float]) -> float:
    """Return the probability that a logistic regression predicts for these values."""
    odds = sum(a * b for a, b in zip(weights, values, strict=True))
    return 1 / (1 + math.exp(min(max(-odds, -_MOST), _MOST)))


def newton(start: list[float], targets: Sequence[Target]) -> list[float]:
    """Return the coefficients of a logistic regression after one Newton step."""
    size = len(start)
    gradient = [0.0] * size
    hessian = [[1e-9 * (row == column) for column in range(size)] for row in range(size)]
    for values, target, weight in targets:
        chance = logistic(start, values)
        part = weight * chance * (1 - chance)
        for row in range(size):
            gradient[row] += weight * (target - chance) * values[row]
            for column in range(size):
                hessian[row][column] += part * values[row] * values[column]
    step = solved(hessian, gradient)
    return [value + change for value, change in zip(start, step, strict=True)]


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve linear equations with a symmetric, positive definite matrix by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot, row in enumerate(rows):
        for other in rows:
            if other is not row:
                factor = other[pivot] / row[pivot]
                other[:] = [a - factor * b for a, b in zip(other, row, strict=True)]
    return [row[-1] / row[pivot] for pivot, row in enumerate(rows)]
