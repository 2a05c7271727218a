"""The coefficients of the forecast. `python -m benchmarks.forecast.fit` writes this file."""

from __future__ import annotations

from typing import NamedTuple


class Coefficients(NamedTuple):
    """The coefficients of forecast_model.py."""

    version: str
    """The month of the fit."""
    migrations: int
    """The number of migrations on which they were fitted."""
    share: float
    repositories: float
    """The last two are the changes of the logarithm of the remaining weeks with the logarithms of
    the share of the items that is left, and of the number of repositories that are left.
    """
    errors: tuple[float, ...]
    """The logarithm of the remaining weeks at 1% to 99%, for a migration of which all is left."""
    stall: float
    stall_slowness: float
    stall_age: float
    widened: float = 1.0
    """The factor by which `errors` above the median are further from it than in the fit."""
    own: int = 0
    """The number of the workspace's finished campaigns on which `errors` depend too."""


COEFFICIENTS = Coefficients(
    version="2026-11",
    migrations=597,
    share=0.2,
    repositories=0.3,
    stall=-3.752,
    stall_slowness=0.108,
    stall_age=0.76,
    widened=1.1,
    errors=(
        0.112,
        0.5,
        0.727,
        0.889,
        1.104,
        1.193,
        1.395,
        1.424,
        1.567,
        1.634,
        1.805,
        1.949,
        2.011,
        2.083,
        2.108,
        2.218,
        2.262,
        2.352,
        2.445,
        2.503,
        2.569,
        2.631,
        2.667,
        2.745,
        2.777,
        2.863,
        2.92,
        2.989,
        3.033,
        3.088,
        3.152,
        3.192,
        3.249,
        3.288,
        3.338,
        3.381,
        3.419,
        3.482,
        3.516,
        3.56,
        3.615,
        3.651,
        3.708,
        3.745,
        3.796,
        3.837,
        3.875,
        3.913,
        3.958,
        3.993,
        4.046,
        4.091,
        4.128,
        4.172,
        4.215,
        4.26,
        4.294,
        4.332,
        4.371,
        4.414,
        4.454,
        4.491,
        4.528,
        4.566,
        4.597,
        4.63,
        4.666,
        4.699,
        4.741,
        4.772,
        4.816,
        4.855,
        4.892,
        4.935,
        4.973,
        5.017,
        5.061,
        5.099,
        5.147,
        5.184,
        5.223,
        5.265,
        5.303,
        5.344,
        5.386,
        5.434,
        5.48,
        5.531,
        5.587,
        5.644,
        5.697,
        5.755,
        5.816,
        5.884,
        5.962,
        6.056,
        6.164,
        6.277,
        6.45,
    ),
)
