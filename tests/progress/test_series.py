"""Burndown series have contiguous periods, and their points add up."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.model.movement import Movement
from headway.progress.series import Period, completion, periods, series

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(days, st.integers(0, 800), st.sampled_from(["day", "week", "month"]))
def test_periods_are_contiguous_and_end_on_the_last_day(
    first: date, length: int, period: Period
) -> None:
    last = first + timedelta(days=length)
    ends = list(periods(first, last, period))
    assert ends == sorted(set(ends))
    assert ends[-1] == last
    assert first <= ends[0]
    for end in ends[:-1]:
        after = end + timedelta(days=1)
        assert period == "day" or (after.weekday() == 0 if period == "week" else after.day == 1)


def test_weeks_end_on_sunday_even_at_new_year() -> None:
    assert list(periods(date(2026, 12, 30), date(2027, 1, 5), "week")) == [
        date(2027, 1, 3),
        date(2027, 1, 5),
    ]


def test_a_series_that_ends_before_it_begins_is_empty() -> None:
    assert series([], date(2026, 1, 2), date(2026, 1, 1), "day") == []


movements = st.lists(
    st.tuples(
        st.dates(date(2025, 12, 1), date(2026, 3, 31)),
        st.sampled_from([1.0, 2.0]),
        st.builds(Movement, new=st.integers(0, 3), fixed=st.integers(0, 3)),
    ),
    max_size=20,
)


@given(movements)
def test_weekly_and_daily_series_have_the_same_end_and_sums(
    moved: list[tuple[date, float, Movement]],
) -> None:
    first, last = date(2026, 1, 1), date(2026, 3, 1)
    by_day, by_week = (series(moved, first, last, period) for period in ("day", "week"))
    assert by_day[-1].open == by_week[-1].open
    assert sum(point.moved.new for point in by_day) == sum(point.moved.new for point in by_week)
    ends = {point.last: point.open for point in by_day}
    assert all(ends[point.last] == point.open for point in by_week)


@given(movements)
def test_each_point_is_the_previous_one_plus_its_movements(
    moved: list[tuple[date, float, Movement]],
) -> None:
    points = series(moved, date(2026, 1, 1), date(2026, 3, 1), "week")
    for before, after in itertools.pairwise(points):
        assert after.open == before.open + after.moved.open_change


@pytest.mark.parametrize(
    ("fixed", "still_open", "share"), [(0, 0, None), (0, 4, 0.0), (3, 1, 0.75), (2, 0, 1.0)]
)
def test_completion_is_the_share_that_is_fixed(
    fixed: float, still_open: float, share: float
) -> None:
    assert completion(fixed, still_open) == share
