"""The coefficients of the forecast. `python -m benchmarks.forecast.fit` writes this file."""

from __future__ import annotations

from typing import NamedTuple


class Coefficients(NamedTuple):
    """The coefficients of forecast_model.py."""

    version: str
    """The month of the fit."""
    migrations: int
    """The number of migrations that the coefficients were fitted on."""
    share: float
    """The effect of the logarithm of the share of remaining items.

    The effect of a feature is the change in the logarithm of the remaining weeks when the feature
    grows by 1.
    """
    repositories: float
    """The effect of the logarithm of the number of remaining repositories."""
    errors: tuple[float, ...]
    """The logarithm of the remaining weeks at 1% to 99%, for a migration of age `typical_age` in
    one repository, in which nothing has been fixed yet.
    """
    stall: float
    stall_slowness: float
    stall_age: float
    typical_age: float = 0.0
    """The mean of log(age + 4) over the fitted migrations, with ages in weeks."""
    lower_age: float = 0.0
    """The effect of age on the logarithm of the distance between the median and lower `errors`."""
    upper_age: float = 0.0
    """The effect of age on the logarithm of the distance between the median and higher `errors`."""
    widened: float = 1.0
    """The factor by which the distances between the median and higher `errors` were increased."""
    own: int = 0
    """The number of the workspace's finished campaigns that `errors` also depends on."""


COEFFICIENTS = Coefficients(
    version="2026-11",
    migrations=597,
    share=0.2,
    repositories=0.3,
    stall=-3.146,
    stall_slowness=0.098,
    stall_age=0.625,
    typical_age=3.712,
    lower_age=-0.45,
    upper_age=0.2,
    widened=1.05,
    errors=(
        -0.815,
        0.357,
        0.908,
        1.328,
        1.604,
        1.752,
        1.926,
        2.081,
        2.216,
        2.285,
        2.413,
        2.456,
        2.497,
        2.555,
        2.632,
        2.679,
        2.725,
        2.771,
        2.818,
        2.856,
        2.904,
        2.96,
        2.987,
        3.039,
        3.077,
        3.106,
        3.157,
        3.202,
        3.253,
        3.272,
        3.318,
        3.363,
        3.391,
        3.418,
        3.457,
        3.485,
        3.514,
        3.541,
        3.591,
        3.634,
        3.664,
        3.696,
        3.725,
        3.769,
        3.802,
        3.833,
        3.878,
        3.917,
        3.959,
        3.993,
        4.041,
        4.073,
        4.112,
        4.147,
        4.191,
        4.225,
        4.262,
        4.291,
        4.33,
        4.362,
        4.395,
        4.428,
        4.455,
        4.485,
        4.516,
        4.545,
        4.578,
        4.608,
        4.642,
        4.672,
        4.706,
        4.74,
        4.77,
        4.801,
        4.835,
        4.87,
        4.904,
        4.935,
        4.975,
        5.009,
        5.044,
        5.085,
        5.123,
        5.161,
        5.204,
        5.247,
        5.292,
        5.341,
        5.386,
        5.442,
        5.497,
        5.563,
        5.627,
        5.701,
        5.781,
        5.882,
        6.002,
        6.176,
        6.483,
    ),
)
