"""The health in past weeks is compared with the outcome."""

from __future__ import annotations

from datetime import date

from benchmarks.forecast.colours import Outcome, cells, outcomes
from benchmarks.forecast.migrations import Migration
from headway.progress.weekly_history import History, Week


def steady(weeks: int, left: int) -> Migration:
    """Return a migration that fixes ten items a week, until `left` items are open."""
    open_items = [left + 10 * number for number in range(weeks - 1, -1, -1)]
    history = History(
        date(2026, 1, 4),
        (tuple(Week(0, 10, 0, items) for items in open_items),),
        (left + 10 * weeks,),
    )
    return Migration("a", "Remove six", "a", left == 0, 0, history)


def test_a_finished_migration_met_the_due_dates_after_its_finish() -> None:
    found = [outcome.met for outcome in outcomes([steady(40, 0)]) if outcome.due == 13]
    assert found == [False, False, False, True]


def test_too_slow_a_pace_is_off_track() -> None:
    assert {found.health for found in outcomes([steady(90, 50_000)])} == {"off track"}


def test_weeks_of_an_unfinished_migration_count_if_the_due_date_has_passed() -> None:
    found = [outcome.due for outcome in outcomes([steady(40, 1000)])]
    assert (found.count(13), found.count(26), found.count(52)) == (3, 2, 0)


def test_migrations_have_the_same_weight() -> None:
    found = [
        Outcome("a", 13, "at risk", True),
        *(Outcome("b", 13, "at risk", False) for _ in range(9)),
    ]
    assert cells(found, 13, "at risk") == ("10", "50%")
    assert cells(found, 13, "on track") == ("0", "–")
