"""Forecasts are correct in simple cases, and satisfy general properties."""

from __future__ import annotations

import math
import random
from bisect import bisect
from datetime import date, timedelta
from itertools import accumulate
from operator import mul
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.progress.forecast import (
    HORIZON_WEEKS,
    METHOD,
    MINIMUM_FIXING_WEEKS,
    MINIMUM_WEEKS,
    SHARES,
    forecast,
)
from headway.progress.weekly_history import WEEK, History, Week

TODAY = date(2026, 3, 1)


def history(fixed: list[int], before: int, opened: list[int] | None = None) -> History:
    """Return the history of one repository, with one week for each number in `fixed`."""
    weeks, held = [], before
    for place, count in enumerate(fixed):
        came = opened[place] if opened else 0
        done = min(count, held + came)
        held += came - done
        weeks.append(Week(came, done, 0, held))
    return History(TODAY, (tuple(weeks),), (before,))


HISTORIES = st.builds(
    history,
    fixed=st.lists(st.integers(0, 30), min_size=MINIMUM_WEEKS, max_size=40),
    before=st.integers(1, 2000),
)


def test_a_campaign_without_open_items_finishes_today() -> None:
    answer = forecast(history([5] * 10, 50), due=date(2026, 6, 1))
    assert (answer.p50, answer.p85, answer.chance) == (TODAY, TODAY, 1.0)
    assert answer.fan == ()


def test_a_campaign_with_only_the_residual_open_finishes_today() -> None:
    weeks = history([5] * 10, 52)
    assert forecast(weeks, residual=2).p50 == TODAY
    assert forecast(weeks).p50 != TODAY


def test_a_steady_pace_finishes_about_when_simple_division_says() -> None:
    answer = forecast(history([10] * 20, 400))
    assert answer.p50 is not None
    assert TODAY + WEEK * 10 <= answer.p50 <= TODAY + WEEK * 40


@pytest.mark.parametrize("weeks", [0, 1, MINIMUM_WEEKS - 1])
def test_too_few_weeks_give_no_forecast(weeks: int) -> None:
    answer = forecast(history([1] * weeks, 100), due=date(2026, 6, 1))
    assert answer.reason == f"not enough history: {weeks} of {MINIMUM_WEEKS} weeks"
    assert (answer.quantiles, answer.chance, answer.fan) == ((), None, ())


def test_too_few_weeks_with_fixes_give_no_forecast() -> None:
    answer = forecast(history([0] * 50, 100), due=date(2026, 6, 1))
    assert answer.reason is not None
    assert (answer.p50, answer.p85, answer.chance) == (None, None, None)


def test_a_very_slow_pace_has_no_date_within_the_horizon() -> None:
    answer = forecast(history([2] * 30, 500, opened=[40] * 30), due=date(2026, 6, 1))
    assert answer.reason is None
    assert (answer.p50, answer.p85) == (None, None)
    assert answer.chance is not None
    assert answer.chance < 0.05


def test_new_items_count_in_the_needed_pace_but_are_not_simulated() -> None:
    plain = forecast(history([4] * 30, 300), due=TODAY + WEEK * 20)
    growing = forecast(history([4] * 30, 210, opened=[3] * 30), due=TODAY + WEEK * 20)
    assert growing.open == plain.open
    assert growing.quantiles == plain.quantiles
    assert plain.pace_needed is not None
    assert growing.pace_needed == plain.pace_needed + 3


def test_a_burst_gets_less_weight_than_a_steady_pace() -> None:
    steady = forecast(history([10] * 26, 300))
    burst = forecast(history([65, 65, 65, 65, *[0] * 22], 300))
    assert steady.open == burst.open
    assert (steady.p50 or date.max) < (burst.p50 or date.max)


def test_a_due_date_beyond_the_horizon_has_the_probability_of_the_horizon() -> None:
    never = history([1] * 10, 2000, opened=[3] * 10)
    horizon = TODAY + WEEK * HORIZON_WEEKS
    chance = forecast(never, due=horizon).chance
    assert chance is not None
    assert chance < 1
    assert forecast(never, due=horizon + WEEK * 10).chance == chance


def test_the_needed_pace_includes_items_yet_to_be_added() -> None:
    answer = forecast(history([4] * 10, 100, opened=[1] * 10), due=TODAY + WEEK * 10)
    assert answer.pace_seen == 4
    assert answer.pace_needed == pytest.approx(70 / 10 + 1)
    assert forecast(history([4] * 10, 100), due=TODAY).pace_needed is None


def test_scope_growth_is_reported_but_not_simulated() -> None:
    plain = history([5] * 12, 200)
    grown = History(
        TODAY, (tuple(week._replace(scope=3) for week in plain.repositories[0]),), plain.before
    )
    assert forecast(grown).growth == 3
    assert forecast(grown).quantiles == forecast(plain).quantiles


@settings(max_examples=30, deadline=None)
@given(HISTORIES)
def test_dates_rise_with_their_shares(given: History) -> None:
    days = [quantile.day or date.max for quantile in forecast(given).quantiles]
    assert days == sorted(days)
    assert not days or len(days) == len(SHARES)


@settings(max_examples=20, deadline=None)
@given(HISTORIES, st.integers(1, 400))
def test_the_same_history_gives_the_same_forecast(given: History, days: int) -> None:
    due = TODAY + timedelta(days=days)
    assert forecast(given, due=due) == forecast(given, due=due)


@settings(max_examples=30, deadline=None)
@given(HISTORIES, st.integers(1, 100), st.integers(1, 100))
def test_a_later_due_date_is_at_least_as_likely(given: History, one: int, more: int) -> None:
    sooner = forecast(given, due=TODAY + WEEK * one).chance
    later = forecast(given, due=TODAY + WEEK * (one + more)).chance
    assert (sooner is None) == (later is None)
    assert (sooner or 0) <= (later or 0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=MINIMUM_WEEKS, max_size=30), st.integers(100, 900))
def test_a_faster_pace_never_finishes_later(fixed: list[int], left: int) -> None:
    if sum(1 for count in fixed if count) < MINIMUM_FIXING_WEEKS:
        return
    slow = history(fixed, left + sum(fixed))
    fast = history([count * 3 for count in fixed], left + 3 * sum(fixed))
    for share in SHARES:
        assert (forecast(fast).day(share) or date.max) <= (forecast(slow).day(share) or date.max)


@settings(max_examples=30, deadline=None)
@given(HISTORIES)
def test_the_fan_starts_at_the_open_count_and_stays_in_order(given: History) -> None:
    answer = forecast(given)
    for point in answer.fan:
        assert 0 <= point.low <= point.median <= point.high
    if answer.fan:
        first = answer.fan[0]
        assert (first.day, first.low, first.high) == (TODAY, given.open, given.open)
        assert len(answer.fan) <= 62
        assert answer.fan[-1].day <= TODAY + WEEK * (HORIZON_WEEKS + 8)


@given(weeks=HISTORIES)
@settings(max_examples=40, deadline=None)
def test_forecasts_equal_a_simulation_block_by_block(weeks: History) -> None:
    answer = forecast(weeks)
    if answer.reason is None and answer.open:
        tracks, ends = futures_one_block_after_the_other(weeks)
        for share, day in answer.quantiles:
            end = sorted(ends)[math.ceil(share * len(ends)) - 1]
            assert day == (None if end > HORIZON_WEEKS else TODAY + WEEK * end)
        for point in answer.fan[1:]:
            block = (point.day - TODAY) // (WEEK * METHOD.block)
            counts = sorted(track[block - 1] if block <= len(track) else 0.0 for track in tracks)
            assert point.median == round(counts[math.ceil(0.5 * len(counts)) - 1])


def futures_one_block_after_the_other(history: History) -> tuple[list[list[float]], list[int]]:
    """Simulate block by block, as described in docs/forecast.md.

    Returns:
        The number of open items after each block of each future, and the number of the week in
        which each future finishes.
    """
    weeks = [week.fixed for week in history.weeks]
    counted = [0.5 ** ((len(weeks) - 1 - place) / METHOD.half_life) for place in range(len(weeks))]
    recency = list(accumulate(counted))
    pace = sum(map(mul, counted, weeks)) / recency[-1]
    lately = weeks[-METHOD.steady :]
    trusted = METHOD.trust * sum(count > 0 for count in lately) / len(lately)
    centre = (1 - trusted) * math.log(history.open / pace / METHOD.usual)
    chance = random.Random(len(weeks))
    tracks, ends = [], []
    for number in range(METHOD.paths):
        place = NormalDist().inv_cdf((number + 0.5) / METHOD.paths)
        faster = math.exp(centre + METHOD.spread * place)
        left, week = float(history.open), 0
        track: list[float] = []
        tracks.append(track)
        while week < HORIZON_WEEKS:
            begin = bisect(recency, chance.random() * recency[-1])
            block = [weeks[(begin + number) % len(weeks)] for number in range(METHOD.block)]
            if left - sum(block) * faster < 0.5:
                ended = (left - done * faster < 0.5 for done in accumulate(block))
                ends.append(week + 1 + next((n for n, over in enumerate(ended) if over), 3))
                break
            left -= sum(block) * faster
            track.append(left)
            week += METHOD.block
        else:
            ends.append(HORIZON_WEEKS + 1)
    return tracks, ends
