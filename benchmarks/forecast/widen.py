"""Choose the factor by which the upper half of the forecast is widened.

Organisations differ, so dates that hold in 85% of the weeks on the fitted migrations hold less
often for other organisations. The factor is chosen on the training set, with random
splits of its organisations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from benchmarks.forecast.measures import HORIZON, LEVELS
from headway.progress.forecast_coefficients import Coefficients
from headway.progress.forecast_model import Features, error_of, predicted_weeks
from headway.progress.forecast_prior import weighted_quantiles

FACTORS = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3)
SPLITS = 100
WANTED = 0.8, 0.9
"""The minimum and the maximum share of weeks in which a given 85% date should hold."""

_MIDDLE = LEVELS.index(0.5)
_HIGH = LEVELS.index(0.85)


class Case(NamedTuple):
    """One week of a finished migration."""

    organisation: str
    finish: int
    """The number of weeks until the finish."""
    features: Features
    weight: float


def widened(errors: Sequence[float], factor: float) -> tuple[float, ...]:
    """Return the errors, with those above the median moved away from it.

    Args:
        errors: The quantiles of the errors.
        factor: The factor for the distance between an error and the median.
    """
    middle = errors[_MIDDLE]
    return tuple(
        round(middle + (factor if error > middle else 1.0) * (error - middle), 3)
        for error in errors
    )


def held(cases: Sequence[Case], coefficients: Coefficients) -> dict[float, list[float]]:
    """Return, for each factor, the share of 85% dates that held in each of the random splits.

    In a split, a random third of the organisations is the test part, and the quantiles of the
    errors come from the rest.

    Args:
        cases: The weeks of finished migrations.
        coefficients: The coefficients. Only the median of their errors is used.
    """
    found: dict[float, list[float]] = {factor: [] for factor in FACTORS}
    for fitted_on, test in _splits(cases):
        errors = weighted_quantiles(
            (error_of(case.features, case.finish, coefficients), case.weight) for case in fitted_on
        )
        for factor, shares in found.items():
            fitted = coefficients._replace(errors=widened(errors, factor))
            shares.append(_share(test, fitted))
    return found


def best(shares: dict[float, list[float]]) -> float:
    """Return the factor with the most splits in which the 85% date held as often as wanted."""
    return max(shares, key=lambda factor: (as_wanted(shares[factor]), -factor))


def as_wanted(shares: Sequence[float]) -> float:
    """Return the share of splits in which the 85% date held as often as wanted."""
    return sum(WANTED[0] <= share <= WANTED[1] for share in shares) / len(shares)


def _splits(cases: Sequence[Case]) -> Iterator[tuple[list[Case], list[Case]]]:
    organisations = sorted({case.organisation for case in cases})
    chosen = Random(16)
    for _ in range(SPLITS):
        test = set(chosen.sample(organisations, len(organisations) // 3))
        yield (
            [case for case in cases if case.organisation not in test],
            [case for case in cases if case.organisation in test],
        )


def _share(cases: Sequence[Case], coefficients: Coefficients) -> float:
    given = total = 0.0
    for case in cases:
        (date,) = predicted_weeks(case.features, coefficients, coefficients.errors[_HIGH:][:1])
        if date <= HORIZON:
            total += case.weight
            given += case.weight * (case.finish <= date)
    return given / total if total else 0.0
