"""Expensive tests repeat a few times in the suite, and many times in a thorough run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.thorough import PROFILE, repeat, sample

CASES = range(10)


@pytest.fixture
def profile() -> Iterator[None]:
    """Restore the profile after a test."""
    before = settings.get_current_profile_name()
    yield
    settings.load_profile(before)


def test_the_suite_takes_few_cases_from_the_first_to_the_last(profile: None) -> None:
    settings.load_profile("headway")
    assert repeat(2, thorough=40) == 2
    assert sample(CASES, 3) == [0, 4, 9]
    assert sample(CASES[:2], 3) == CASES[:2]
    assert sample((), 3) == ()


def test_a_thorough_run_takes_all_cases(profile: None) -> None:
    settings.load_profile(PROFILE)
    assert repeat(2, thorough=40) == 40
    assert sample(CASES, 3) == CASES
