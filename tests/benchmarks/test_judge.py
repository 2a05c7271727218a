"""Forecasts are judged with equal weights for all migrations, and only by the given dates."""

from __future__ import annotations

import math
from datetime import date

import pytest

from benchmarks.forecast.fit import UNFITTED, Row, fitted, weighed
from benchmarks.forecast.judge import judge, tables
from benchmarks.forecast.measures import LEVELS, Judged, chances, passed, quality
from benchmarks.forecast.methods import METHODS
from benchmarks.forecast.migrations import Migration
from benchmarks.forecast.situations import situations
from headway.progress.forecast_coefficients import COEFFICIENTS
from headway.progress.forecast_model import Features, begun, error_of, predict, predicted_weeks
from headway.progress.weekly_history import History, Week


def migration(name: str, weeks: int, finished: bool = True) -> Migration:
    """Return a migration that fixes one item in each week."""
    open_items = range(weeks - 1, -1, -1) if finished else range(weeks + 9, 9, -1)
    history = History(
        date(2026, 1, 4), (tuple(Week(0, 1, 0, items) for items in open_items),), (weeks,)
    )
    return Migration(name, "Remove six", name, finished, 0, history)


def steady(name: str, finish: int, weeks: float, finished: bool = True) -> Judged:
    return Judged(name, finish, finished, (weeks,) * len(LEVELS))


def test_situations_are_every_fourth_week_before_the_finish() -> None:
    found = list(situations([migration("a", 10)]))
    assert [(each.number, each.finish, each.left) for each in found] == [
        (1, 9, 9),
        (5, 5, 5),
        (9, 1, 1),
    ]
    assert all(len(each.history.weeks) == each.number for each in found)


def test_migrations_have_the_same_weight() -> None:
    judged = [steady("a", 10, 20), *(steady("b", 10, 5) for _ in range(3))]
    assert quality(judged).middle_held == pytest.approx(0.5)
    assert quality(judged, by_week=True).middle_held == 0.25


def test_only_dates_that_were_given_can_hold() -> None:
    judged = [steady("a", 10, math.inf), steady("b", 10, 5)]
    found = quality(judged)
    assert (found.high_held, found.high_given) == (0, 0.5)


def test_dates_of_unfinished_migrations_pass() -> None:
    assert passed([steady("a", 10, 9, finished=False), steady("b", 10, 11, finished=False)]) == 0.5


def test_an_outcome_after_the_end_of_the_history_is_unknown() -> None:
    judged = [steady("a", 10, 5), steady("b", 20, 5, finished=False)]
    assert chances(judged, 13).base == 0.5
    assert chances(judged, 26).base == 1.0


def test_a_forecast_that_is_right_has_no_error() -> None:
    assert quality([steady("a", 10, 10)]).crps_log == pytest.approx(0)
    assert quality([steady("a", 10, 20)]).crps_log == pytest.approx(math.log(2))


def test_fitted_methods_hold_as_often_as_they_say_on_what_they_were_fitted_on() -> None:
    found = list(situations(migration(f"m{weeks}", weeks) for weeks in range(9, 60)))
    for name in ("constant", "as long again"):
        result = quality(judge(METHODS[name](found), found))
        assert result.middle_held == pytest.approx(0.5, abs=0.05), name
        assert result.high_held == pytest.approx(0.85, abs=0.05), name


def test_every_method_has_a_row_in_each_table() -> None:
    found = list(situations([migration("a", 30), migration("b", 40, finished=False)]))
    judged = {name: judge(fit(found), found) for name, fit in METHODS.items()}
    lines = list(tables(judged))
    for name in METHODS:
        assert sum(line.startswith(f"| {name} |") for line in lines) == 4


def test_a_migration_begins_when_a_tenth_of_the_recent_items_is_gone() -> None:
    whole = migration("a", 20).history
    assert begun(whole) == 2
    assert begun(whole.until(1)) is None


def test_the_model_predicts_shorter_times_as_less_is_left() -> None:
    whole = migration("a", 100)
    found = [METHODS["model"]([])(each) for each in situations([whole])]
    assert found[-1].weeks[49] < found[0].weeks[49]
    assert all(list(each.weeks) == sorted(each.weeks) for each in found)


def test_a_young_migration_may_finish_soon_and_an_old_one_late() -> None:
    ages = [Features(0.0, 0.0, slowness=0.0, age=math.log(weeks + 4)) for weeks in (8, 40, 300)]
    found = [predict(each) for each in ages]
    assert len({each.at(0.5) for each in found}) == 1
    for level in (0.15, 0.85):
        weeks = [each.at(level) for each in found]
        assert weeks == sorted(set(weeks))


def test_an_error_gives_the_weeks_that_really_remained() -> None:
    features = Features(-0.5, 1.5, slowness=0.0, age=2.0)
    for weeks in (3.0, 400.0):
        error = error_of(features, weeks, COEFFICIENTS)
        assert predicted_weeks(features, COEFFICIENTS, [error]) == pytest.approx((weeks,))


def test_old_and_slow_migrations_are_more_likely_to_stall() -> None:
    young = predict(Features(0.0, 0.0, slowness=0.0, age=2.0))
    assert young.stall < predict(Features(0.0, 0.0, slowness=0.0, age=5.0)).stall
    assert young.stall < predict(Features(0.0, 0.0, slowness=3.0, age=2.0)).stall
    assert young.chance(26) < young.chance(52) < 1 - young.stall


def test_the_fit_finds_how_many_stalled_and_how_long_the_others_took() -> None:
    features = [Features(0.0, 0.0, 1.0, math.log(number + 4)) for number in range(60)]
    found = weighed(
        Row("a", f"m{number}", number % 3 > 0, finish if number % 3 else 500, 1, features[number])
        for number in range(60)
        for finish in (4, 9, 20, 44, 97)
    )
    result = fitted(found, "2026-11", UNFITTED._replace(share=0.2, repositories=0.3))
    assert math.exp(result.errors[49]) == pytest.approx(20, rel=0.01)
    for place in (1, 50):
        assert predict(features[place], result).stall == pytest.approx(1 / 3, abs=0.06)
