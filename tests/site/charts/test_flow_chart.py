"""The flow chart shows items fixed and added per week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from headway.metrics.records import BurndownPoint
from headway.site.charts.flow_chart import flow_chart
from tests.support.statuses import week

FIRST = date(2026, 1, 4)


def weeks(*moved: tuple[int, int]) -> list[BurndownPoint]:
    """Return one point per week, given the numbers of fixed and new items in each week."""
    return [
        week(FIRST + timedelta(weeks=number), open=10, fixed=fixed, new=new)
        for number, (fixed, new) in enumerate(moved)
    ]


def test_fixed_items_are_above_the_line_and_added_items_below() -> None:
    chart = flow_chart(weeks((4, 1), (0, 2)))
    assert chart is not None
    first, second = chart.bars
    assert first.fixed_y + first.fixed_height == chart.zero
    assert first.fixed_height == pytest.approx(2 * second.added_height, abs=0.2)
    assert second.fixed_height == 0
    assert chart.text == "In 2 weeks, 4 items were fixed and 3 were added."


def test_the_last_six_months_are_shown() -> None:
    chart = flow_chart(weeks(*[(1, 0)] * 30))
    assert chart is not None
    assert (len(chart.bars), chart.last) == (26, FIRST + timedelta(weeks=29))


def test_nothing_is_drawn_without_movement() -> None:
    assert flow_chart(weeks((0, 0), (0, 0))) is None
    assert flow_chart([]) is None
