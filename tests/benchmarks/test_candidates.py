"""Candidates for the forecast are judged on organisations on which they were not fitted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import pytest

from benchmarks.forecast.candidate_events import arrival
from benchmarks.forecast.candidate_survival import last_cleared
from benchmarks.forecast.candidates import CANDIDATES, cross_validated, folds
from benchmarks.forecast.equations import solved
from benchmarks.forecast.methods import Method, Stated
from benchmarks.forecast.migrations import Migration
from benchmarks.forecast.situations import Situation, situations
from headway.progress.weekly_history import History, Week


def migration(name: str, weeks: int, repositories: int = 1, finished: bool = True) -> Migration:
    """Return a migration that fixes one item a week and clears one repository after another."""
    left = 0 if finished else 10
    before = tuple(weeks - 4 * number for number in range(repositories))
    history = History(
        date(2026, 1, 4),
        tuple(
            tuple(Week(0, 1, 0, left + max(first - week, 0)) for week in range(1, weeks + 1))
            for first in before
        ),
        tuple(left + first for first in before),
    )
    return Migration(name, "Remove six", name, finished, 0, history)


@pytest.fixture(scope="module")
def found() -> list[Situation]:
    ended = (migration(f"m{weeks}", weeks, 1 + weeks % 5) for weeks in range(21, 60, 4))
    open_ones = (migration(f"o{weeks}", weeks, finished=False) for weeks in (20, 50, 90))
    return list(situations([*ended, *open_ones]))


def test_no_candidate_is_judged_on_an_organisation_of_its_fit(found: list[Situation]) -> None:
    def fit(fitted_on: Sequence[Situation]) -> Method:
        known = {each.migration.organisation for each in fitted_on}

        def stated(situation: Situation) -> Stated:
            assert situation.migration.organisation not in known
            return Stated((1.0,) * 99)

        return stated

    assert len(cross_validated(fit, found)) == len(found)
    assert set(folds(found).values()) == set(range(5))


@pytest.mark.parametrize("name", [name for name in CANDIDATES if name != "simulation"])
def test_candidates_state_increasing_weeks(name: str, found: list[Situation]) -> None:
    method = CANDIDATES[name](found)
    for situation in found[::9]:
        weeks = method(situation).weeks
        assert len(weeks) == 99
        assert list(weeks) == sorted(weeks)
        assert all(week > 0 for week in weeks)


def test_the_last_of_many_repositories_is_cleared_later() -> None:
    assert last_cleared({0.1: 1}, [1.0])[49] == pytest.approx(math.log(2) / 0.1, rel=0.02)
    # The probability that all 20 repositories are cleared is the 20th power of that for one.
    expected = -math.log(1 - 0.5 ** (1 / 20)) / 0.1
    assert last_cleared({0.1: 20}, [1.0])[49] == pytest.approx(expected, rel=0.02)


def test_the_time_of_events_has_the_mean_and_variance_of_its_logarithm() -> None:
    # With this shape, the rate is almost surely 1 per week.
    weeks = arrival(1.0, 1e9, 1e9)
    assert math.log(weeks[49]) == pytest.approx(-0.5772157, abs=1e-5)
    assert math.log(weeks[83] / weeks[49]) == pytest.approx(math.pi / math.sqrt(6), rel=0.01)


def test_equations_are_solved() -> None:
    assert solved([[2.0, 1.0], [1.0, 3.0]], [4.0, 7.0]) == pytest.approx([1.0, 2.0])
