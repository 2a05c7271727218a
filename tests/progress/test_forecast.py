"""Forecasts are correct in simple cases, and satisfy general properties."""

from __future__ import annotations

from datetime import date, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.progress.forecast import (
    HORIZON_WEEKS,
    MINIMUM_WEEKS,
    SHARES,
    Forecast,
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


@pytest.mark.parametrize("weeks", [0, 1, MINIMUM_WEEKS - 1])
def test_too_few_weeks_give_no_forecast(weeks: int) -> None:
    answer = forecast(history([1] * weeks, 100), due=date(2026, 6, 1))
    assert answer.reason == f"not enough history: {weeks} of {MINIMUM_WEEKS} weeks"
    assert (answer.quantiles, answer.chance, answer.fan) == ((), None, ())


def test_new_items_count_in_the_needed_pace() -> None:
    plain = forecast(history([4] * 30, 300), due=TODAY + WEEK * 20)
    growing = forecast(history([4] * 30, 210, opened=[3] * 30), due=TODAY + WEEK * 20)
    assert growing.open == plain.open
    assert plain.pace_needed is not None
    assert growing.pace_needed == plain.pace_needed + 3


def test_a_due_date_beyond_the_horizon_has_the_probability_of_the_horizon() -> None:
    never = history([30] * 10, 2000, opened=[3] * 10)
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


def repositories(*parts: History) -> History:
    """Return one history of several repositories."""
    return History(
        TODAY,
        tuple(part.repositories[0] for part in parts),
        tuple(part.before[0] for part in parts),
    )


def weeks_to(answer: Forecast, today: date = TODAY) -> float:
    """Return the number of weeks from `today` to the 50% date."""
    assert answer.p50 is not None
    return (answer.p50 - today) / WEEK


def test_without_a_fall_of_a_tenth_there_is_no_forecast() -> None:
    for fixed in ([0] * 50, [1] * 9 + [0] * 30):
        answer = forecast(history(fixed, 100), due=date(2026, 6, 1))
        assert answer.reason == "the number of open items has not yet fallen by 10% within 26 weeks"
        assert (answer.p50, answer.chance, answer.stall) == (None, None, None)


def test_a_campaign_with_one_burst_of_fixes_has_a_forecast() -> None:
    assert forecast(history([145, *[0] * 90], 148)).p50 is not None


def test_dates_come_nearer_as_the_end_does() -> None:
    whole = history([10] * 60, 700)
    parts = [whole.until(number) for number in (10, 30, 60)]
    dates = [weeks_to(forecast(part), part.last) for part in parts]
    assert dates == sorted(dates, reverse=True)
    assert dates[0] > dates[-1]


def test_each_repository_with_open_items_makes_the_date_later() -> None:
    half = history([10] * 12, 200)
    done = history([25] * 12, 200)
    assert weeks_to(forecast(repositories(half, half, half))) > weeks_to(forecast(half))
    assert sum(week.open for week in done.weeks[-1:]) == 0
    assert weeks_to(forecast(repositories(half, done))) < weeks_to(forecast(half))


def test_a_slow_or_old_campaign_is_more_likely_to_stall() -> None:
    fast = forecast(history([10] * 20, 500)).stall
    slow = forecast(history([*[15] * 2, *[0] * 5, *[13] * 13][::-1], 500)).stall
    idle = forecast(history([*[10] * 20, *[0] * 80], 500)).stall
    assert fast is not None
    assert slow is not None
    assert idle is not None
    assert fast < slow < idle


def test_stalling_lowers_the_chance_of_every_due_date() -> None:
    answer = forecast(history([10] * 20, 500), due=TODAY + WEEK * HORIZON_WEEKS)
    assert answer.stall is not None
    assert answer.chance is not None
    assert 0.85 * (1 - answer.stall) < answer.chance < 1 - answer.stall


def test_a_campaign_counts_as_finished_when_2_percent_are_open() -> None:
    answer = forecast(history([10] * 9, 100))
    assert answer.residual == 2
    assert forecast(history([49] * 2 + [0] * 8, 100)).reason == (
        "at most 2% of the items are left, too few to predict when they will be fixed"
    )


def test_half_of_the_items_are_open_half_way_on_the_straight_line() -> None:
    answer = forecast(history([10] * 9, 190))
    middle = weeks_to(answer)
    for point in answer.fan:
        passed = (point.day - TODAY) / WEEK
        expected = 3 + 97 * max(1 - passed / middle, 0)
        assert point.median == pytest.approx(expected, abs=2)


def test_a_forecast_takes_less_than_5_milliseconds() -> None:
    many = repositories(*[history([1] * 200, 300) for _ in range(20)])
    begun = process_time()
    for weeks in range(20):
        forecast(many, due=TODAY + WEEK * weeks)
    assert (process_time() - begun) / 20 < 0.005
