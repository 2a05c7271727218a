"""Repeat expensive tests a few times in the suite, and many times in a thorough run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

_T = TypeVar("_T")
PROFILE = "thorough"
"""The name of the Hypothesis profile of `python3 tasks.py thorough`."""


def is_thorough() -> bool:
    """Return whether this is a thorough run."""
    return settings.get_current_profile_name() == PROFILE


def repeat(few: int, *, thorough: int) -> int:
    """Return how many examples or rounds a test runs.

    Args:
        few: The number in the suite, which every change must pass in minutes.
        thorough: The number in a thorough run, which takes hours.
    """
    return thorough if is_thorough() else few


def sample(cases: Sequence[_T], few: int) -> Sequence[_T]:
    """Return all cases in a thorough run, and otherwise `few` evenly spaced ones."""
    if is_thorough() or len(cases) <= few:
        return cases
    return [cases[index * (len(cases) - 1) // (few - 1)] for index in range(few)]
