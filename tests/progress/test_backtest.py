"""A campaign told again: what may be known, and what comes of it."""

from __future__ import annotations

import math
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.progress.backtest import average_line, backtest, by_quarter, least_squares_line, score
from headway.progress.forecast import MINIMUM_WEEKS
from headway.progress.weekly_history import WEEK, History, Week

FIRST_SUNDAY = date(2026, 1, 11)


def history(moves: list[tuple[int, int]], before: int) -> History:
    """moves: opened and fixed in each week; no more is fixed than there is."""
    weeks, held = [], before
    for opened, fixed in moves:
        done = min(fixed, held + opened)
        held += opened - done
        weeks.append(Week(opened, done, 0, held))
    return History(FIRST_SUNDAY + WEEK * (len(weeks) - 1), (tuple(weeks),), (before,))


STEADY = history([(0, 5)] * 40, 200)
MOVES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=8, max_size=24)


def test_the_finish_is_the_first_week_with_nothing_left() -> None:
    told = backtest(history([*[(0, 5)] * 40, (0, 0), (0, 0)], 200))
    assert told is not None
    assert (told.finish, told.weeks) == (FIRST_SUNDAY + WEEK * 39, 40)


def test_each_week_with_enough_history_is_judged_once() -> None:
    told = backtest(STEADY)
    assert told is not None
    assert [each.finish for each in told.judgements] == list(range(40 - MINIMUM_WEEKS, 0, -1))
    assert told.judgements[-1].done == 39 / 40
    assert told.judgements[0].open == 200 - 5 * MINIMUM_WEEKS


def test_what_is_not_over_cannot_be_told() -> None:
    assert backtest(history([(0, 5)] * 30, 200)) is None
    assert backtest(history([(0, 5)] * 30, 200), residual=50) is not None
    # it was over once, and is not any more
    assert backtest(history([*[(0, 5)] * 40, (3, 0)], 200)) is None


def test_a_straight_line_is_right_about_a_straight_campaign() -> None:
    told = backtest(STEADY)
    assert told is not None
    for each in told.judgements:
        assert math.isclose(each.average, each.finish)
        assert math.isclose(each.least_squares, each.finish)


def test_lines_that_do_not_fall_end_nowhere() -> None:
    rising = history([(3, 1)] * 10, 20)
    assert average_line(rising, 0) == math.inf
    assert least_squares_line(rising, 0) == math.inf


def test_a_line_that_should_be_down_already_ends_today() -> None:
    assert least_squares_line(history([(0, 50), (0, 50), *[(0, 0)] * 12], 101), 0) >= 0
    assert least_squares_line(history([(0, 30), (0, 30), (0, 30), (0, 10), (0, 0)], 101), 30) == 0


def test_scores_are_shares_of_the_weeks() -> None:
    told = backtest(STEADY)
    assert told is not None
    found = score(told.judgements)
    assert found is not None
    assert found.weeks == len(told.judgements)
    held = [each.finish <= each.high for each in told.judgements]
    assert found.high_held == sum(held) / len(held)
    assert found.average == 0
    assert score([]) is None


def test_quarters_are_of_the_work() -> None:
    told = backtest(STEADY)
    assert told is not None
    parted = by_quarter(told.judgements)
    assert sum(map(len, parted.values())) == len(told.judgements)
    assert all(each.done <= quarter for quarter, its in parted.items() for each in its)


@settings(max_examples=25, deadline=None)
@given(MOVES, MOVES, MOVES, st.integers(0, 60))
def test_another_future_changes_no_forecast_of_the_past(
    past: list[tuple[int, int]],
    one: list[tuple[int, int]],
    other: list[tuple[int, int]],
    before: int,
) -> None:
    """Everything but what came of it is the same."""
    ended = [(0, 10_000)]
    first = backtest(history([*past, *one, *ended], before + 40))
    second = backtest(history([*past, *other, *ended], before + 40))
    assert first is not None
    assert second is not None
    same = min(len(past), first.weeks - 1, second.weeks - 1)
    last = FIRST_SUNDAY + WEEK * (same - 1)

    def said(told: object) -> list[tuple[object, ...]]:
        judgements = getattr(told, "judgements", ())
        return [
            (its.day, its.open, its.low, its.middle, its.high, its.average, its.least_squares)
            for its in judgements
            if its.day <= last
        ]

    assert said(first) == said(second)
