"""What docs/forecast.md says of the forecast's track record is what the committed series give."""

from __future__ import annotations

import pytest

from benchmarks.forecast.migrations import migrations
from benchmarks.forecast.page import PAGE, tables, with_tables
from benchmarks.forecast.record import Judged, halves, judged, together


@pytest.fixture(scope="module")
def record() -> Judged:
    return judged((each for each in migrations() if each.finished), every=12)


def test_there_are_enough_migrations_to_judge_by() -> None:
    over = [each for each in migrations() if each.finished]
    assert len(over) >= 30
    assert sum(1 for each in over if len(each.history.repositories) >= 20) >= 5
    for each in over:
        assert each.history.open <= each.residual
        assert all(week.open > each.residual for week in each.history.weeks[:-1])


def test_the_85_percent_day_holds_as_often_as_it_says(record: Judged) -> None:
    whole = together(record)
    assert 0.80 <= whole.high_held <= 0.92
    assert whole.given_held is not None
    assert whole.given_held >= 0.78
    for half in halves(record):
        assert 0.80 <= together(half).high_held <= 0.92


def test_the_50_percent_day_is_closer_than_the_straight_lines(record: Judged) -> None:
    for part in (record, *halves(record)):
        its = together(part)
        assert its.error < its.average
        assert its.error < its.least_squares


@pytest.mark.slow
def test_the_page_has_the_tables_of_today() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_tables(page, tables()), "run `python -m benchmarks.forecast`"
