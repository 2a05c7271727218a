"""Migrations are selected by a rule that does not use their outcome."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from benchmarks.forecast.measures import area_under_curve, correlation
from benchmarks.forecast.selection import Moved, selected
from benchmarks.forecast.split import is_held_out, organisation_of

ANNOUNCED, LAST = date(2020, 1, 6), date(2022, 1, 3)


def moved(*changes: tuple[int, int]) -> list[Moved]:
    """Return changes of one repository from pairs (week, change of the open items)."""
    return [
        Moved("a/b", ANNOUNCED + timedelta(weeks=week), max(change, 0), max(-change, 0), change)
        for week, change in changes
    ]


def test_a_migration_begins_when_a_tenth_of_its_items_is_fixed() -> None:
    found = selected(moved((-1, 100), (5, -9), (9, -1), (40, -89)), ANNOUNCED, LAST)
    assert found is not None
    assert found.starts == ANNOUNCED + timedelta(weeks=9)
    assert (found.weeks, found.residual, found.finished) == (32, 1, True)


def test_the_outcome_does_not_decide_whether_a_migration_is_selected() -> None:
    found = selected(moved((-1, 100), (9, -10)), ANNOUNCED, LAST)
    assert found is not None
    assert not found.finished


@pytest.mark.parametrize(
    "changes", [((-1, 29), (9, -20)), ((-1, 100), (9, -9)), ((-1, 100), (90, -50))]
)
def test_small_late_or_unbegun_migrations_are_not_selected(
    changes: tuple[tuple[int, int], ...],
) -> None:
    assert selected(moved(*changes), ANNOUNCED, LAST) is None


def test_the_split_depends_only_on_the_organisation() -> None:
    assert organisation_of("go-ioutil", ["helm/helm", "moby/moby"]) == "go"
    assert organisation_of("kafka-junit4", ["apache/kafka"]) == "apache"
    assert is_held_out("rust-lang")
    assert not is_held_out("openstack")


def test_measures_of_rank() -> None:
    assert correlation([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert correlation([1, 2, 3], [30, 20, 10]) == pytest.approx(-1)
    assert area_under_curve([0.9, 0.1], [True, False], [1, 1]) == 1
    assert area_under_curve([0.5, 0.5], [True, False], [1, 1]) == 0.5
