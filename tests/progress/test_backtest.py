"""Backtests use only past data, and their scores are correct."""

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
    """Return a history with one (opened, fixed) pair per week.

    Fixes beyond the number of open items are ignored.
    """
    weeks, held = [], before
    for opened, fixed in moves:
        done = min(fixed, held + opened)
        held += opened - done
        weeks.append(Week(opened, done, 0, held))
    return History(FIRST_SUNDAY + WEEK * (len(weeks) - 1), (tuple(weeks),), (before,))


STEADY = history([(0, 5)] * 40, 200)
MOVES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=8, max_size=24)


def test_the_finish_is_the_first_week_without_open_items() -> None:
    result = backtest(history([*[(0, 5)] * 40, (0, 0), (0, 0)], 200))
    assert result is not None
    assert (result.finish, result.weeks) == (FIRST_SUNDAY + WEEK * 39, 40)


def test_every_week_with_enough_history_has_one_judgement() -> None:
    result = backtest(STEADY)
    assert result is not None
    assert [judgement.finish for judgement in result.judgements] == list(
        range(40 - MINIMUM_WEEKS, 0, -1)
    )
    assert result.judgements[-1].done == 39 / 40
    assert result.judgements[0].open == 200 - 5 * MINIMUM_WEEKS


def test_a_campaign_with_open_items_has_no_backtest() -> None:
    assert backtest(history([(0, 5)] * 30, 200)) is None
    assert backtest(history([(0, 5)] * 30, 200), residual=50) is not None
    # The campaign was completed once, but has open items again.
    assert backtest(history([*[(0, 5)] * 40, (3, 0)], 200)) is None


def test_straight_lines_are_correct_for_a_constant_pace() -> None:
    result = backtest(STEADY)
    assert result is not None
    for judgement in result.judgements:
        assert math.isclose(judgement.average, judgement.finish)
        assert math.isclose(judgement.least_squares, judgement.finish)


def test_lines_that_do_not_fall_never_end() -> None:
    rising = history([(3, 1)] * 10, 20)
    assert average_line(rising, 0) == math.inf
    assert least_squares_line(rising, 0) == math.inf


def test_a_line_that_has_reached_the_residual_ends_today() -> None:
    assert least_squares_line(history([(0, 50), (0, 50), *[(0, 0)] * 12], 101), 0) >= 0
    assert least_squares_line(history([(0, 30), (0, 30), (0, 30), (0, 10), (0, 0)], 101), 30) == 0


def test_scores_are_shares_of_the_judgements() -> None:
    result = backtest(STEADY)
    assert result is not None
    found = score(result.judgements)
    assert found is not None
    assert found.weeks == len(result.judgements)
    held = [judgement.finish <= judgement.high for judgement in result.judgements]
    assert found.high_held == sum(held) / len(held)
    assert found.average == 0
    assert score([]) is None


def test_quarters_are_shares_of_the_work() -> None:
    result = backtest(STEADY)
    assert result is not None
    parted = by_quarter(result.judgements)
    assert sum(map(len, parted.values())) == len(result.judgements)
    assert all(
        judgement.done <= quarter for quarter, group in parted.items() for judgement in group
    )


@settings(max_examples=25, deadline=None)
@given(MOVES, MOVES, MOVES, st.integers(0, 60))
def test_later_weeks_do_not_change_past_forecasts(
    past: list[tuple[int, int]],
    one: list[tuple[int, int]],
    other: list[tuple[int, int]],
    before: int,
) -> None:
    """Histories that differ only in later weeks have the same forecasts in earlier weeks."""
    ended = [(0, 10_000)]
    first = backtest(history([*past, *one, *ended], before + 40))
    second = backtest(history([*past, *other, *ended], before + 40))
    assert first is not None
    assert second is not None
    same = min(len(past), first.weeks - 1, second.weeks - 1)
    last = FIRST_SUNDAY + WEEK * (same - 1)

    def forecasts_of(result: object) -> list[tuple[object, ...]]:
        judgements = getattr(result, "judgements", ())
        return [
            (
                judgement.day,
                judgement.open,
                judgement.low,
                judgement.middle,
                judgement.high,
                judgement.average,
                judgement.least_squares,
            )
            for judgement in judgements
            if judgement.day <= last
        ]

    assert forecasts_of(first) == forecasts_of(second)
