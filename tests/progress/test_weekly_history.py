"""Weekly histories are computed from movements."""

from __future__ import annotations

from datetime import date

from headway.model.movement import Movement
from headway.progress.weekly_history import Week, history_of

MONDAY = date(2026, 1, 5)


def test_weeks_are_counted_back_from_today() -> None:
    moved = [
        ("a", date(2026, 1, 4), Movement(baseline=5)),
        ("a", date(2026, 1, 6), Movement(fixed=1)),
        ("a", date(2026, 1, 8), Movement(new=1, regressed=1)),
        ("b", date(2026, 1, 20), Movement(scope_added=4, scope_removed=1)),
    ]
    history = history_of(moved, MONDAY, today=date(2026, 1, 20))
    # There are two complete weeks, 7 to 13 and 14 to 20 January. Earlier movements determine the
    # counts before the first week.
    assert history.before == (4, 0)
    assert history.repositories == (
        (Week(2, 0, 0, 6), Week(0, 0, 0, 6)),
        (Week(0, 0, 0, 0), Week(0, 0, 3, 3)),
    )
    assert history.weeks == (Week(2, 0, 0, 6), Week(0, 0, 3, 9))
    assert history.open == 9


def test_movements_after_today_are_ignored() -> None:
    moved = [("a", MONDAY, Movement(baseline=2)), ("a", date(2026, 3, 1), Movement(fixed=2))]
    assert history_of(moved, MONDAY, today=date(2026, 2, 1)).open == 2


def test_an_incomplete_first_week_is_left_out() -> None:
    history = history_of([("a", MONDAY, Movement(baseline=2))], MONDAY, today=MONDAY)
    assert history.weeks == ()
    assert history.open == 2


def test_a_history_can_be_cut_at_an_earlier_week() -> None:
    moved = [("a", date(2026, 1, 4), Movement(baseline=9))]
    moved += [("a", date(2026, 1, 5 + 7 * week), Movement(fixed=week)) for week in range(4)]
    whole = history_of(moved, MONDAY, today=date(2026, 2, 1))
    assert whole.until(4) == whole
    assert whole.until(2) == history_of(moved, MONDAY, today=date(2026, 1, 18))


def test_a_history_without_items_has_no_weeks() -> None:
    history = history_of([], MONDAY, today=date(2026, 2, 1))
    assert (history.weeks, history.open) == ((), 0)
