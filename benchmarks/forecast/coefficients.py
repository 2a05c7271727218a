"""The coefficients of model.py. `python -m benchmarks.forecast.fit` writes this file."""

from __future__ import annotations

from typing import NamedTuple


class Coefficients(NamedTuple):
    """The coefficients of model.py."""

    version: str
    """The month of the fit."""
    migrations: int
    """The number of migrations on which they were fitted."""
    share: float
    repositories: float
    errors: tuple[float, ...]
    """The logarithm of the remaining weeks at 1% to 99%, for a migration of which all is left."""
    stall: float
    stall_slowness: float
    stall_age: float


COEFFICIENTS = Coefficients(
    version="2026-11",
    migrations=597,
    share=0.2,
    repositories=0.3,
    stall=-3.752,
    stall_slowness=0.108,
    stall_age=0.76,
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
        4.041,
        4.082,
        4.116,
        4.156,
        4.195,
        4.236,
        4.267,
        4.301,
        4.337,
        4.376,
        4.412,
        4.446,
        4.479,
        4.514,
        4.542,
        4.572,
        4.605,
        4.635,
        4.673,
        4.701,
        4.741,
        4.777,
        4.81,
        4.849,
        4.884,
        4.924,
        4.964,
        4.998,
        5.042,
        5.076,
        5.111,
        5.149,
        5.184,
        5.221,
        5.259,
        5.303,
        5.345,
        5.391,
        5.442,
        5.494,
        5.542,
        5.595,
        5.65,
        5.712,
        5.783,
        5.868,
        5.967,
        6.069,
        6.227,
    ),
)
