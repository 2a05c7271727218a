"""Sparklines draw the levels of a series as a path."""

from __future__ import annotations

from datetime import date

from headway.site.charts.sparkline import sparkline, stepped

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 11)


def test_a_level_is_constant_until_it_changes() -> None:
    steps = stepped([(date(2025, 12, 31), 4), (date(2026, 1, 6), 2)], FIRST, LAST)
    assert steps is not None
    # The path starts at the top, drops by half in the middle, and ends at the right edge.
    assert steps.line == "M3 3H3V3H64V17H125"
    assert (steps.x, steps.y) == (125, 17)


def test_a_level_that_begins_later_starts_at_the_bottom() -> None:
    steps = stepped([(date(2026, 1, 6), 2)], FIRST, LAST)
    assert steps is not None
    assert steps.line == "M3 31H64V3H125"


def test_nothing_is_drawn_without_data() -> None:
    assert stepped([], FIRST, LAST) is None
    assert stepped([(FIRST, 3)], LAST, LAST) is None
    assert sparkline([3]) is None
