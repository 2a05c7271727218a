"""With the widening factor, forecast dates hold for other organisations."""

from __future__ import annotations

import math

from benchmarks.forecast.widen import FACTORS, Case, best, held, widened
from headway.progress.forecast_coefficients import COEFFICIENTS
from headway.progress.forecast_model import Features


def features(repositories: int) -> Features:
    return Features(0.0, math.log(2 + repositories), slowness=0.0, age=COEFFICIENTS.typical_age)


def test_only_the_upper_half_is_widened() -> None:
    errors = tuple(float(number) for number in range(99))
    found = widened(errors, 1.5)
    assert found[:50] == errors[:50]
    assert (found[50], found[98]) == (50.5, 122.5)


def test_dates_hold_more_often_the_wider_they_are() -> None:
    cases = [
        Case(f"o{number % 30}", 2 + number * number % 97, features(number % 5), 1.0)
        for number in range(600)
    ]
    shares = held(cases, COEFFICIENTS)
    means = [sum(shares[factor]) for factor in FACTORS]
    assert means == sorted(means)
    assert len(shares[1.0]) == 100


def test_the_factor_with_the_most_splits_as_wanted_is_best() -> None:
    assert best({1.0: [0.7, 0.85], 1.1: [0.82, 0.88], 1.2: [0.89, 0.95]}) == 1.1
    assert best({1.0: [0.85], 1.1: [0.85]}) == 1.0
