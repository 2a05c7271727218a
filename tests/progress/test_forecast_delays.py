"""Open items that are exempt do not delay the forecast."""

from __future__ import annotations

from datetime import date

from headway.progress.forecast import forecast
from headway.progress.forecast_delays import p50_if_exempt
from headway.progress.weekly_history import History, Week, history_of

TODAY = date(2026, 3, 1)
PART = tuple(Week(0, 10, 0, count) for count in range(190, 90, -10))
WHOLE = History(TODAY, (PART, PART, PART), (200, 200, 200))


def test_exempt_items_and_repositories_bring_the_date_nearer() -> None:
    now = forecast(WHOLE).p50
    fewer_items, fewer_repositories = p50_if_exempt(WHOLE, 100, 0), p50_if_exempt(WHOLE, 100, 1)
    assert now is not None
    assert fewer_items is not None
    assert fewer_repositories is not None
    assert now > fewer_items > fewer_repositories


def test_nothing_exempt_changes_nothing() -> None:
    assert p50_if_exempt(WHOLE, 0, 0) == forecast(WHOLE).p50


def test_there_is_no_date_if_all_items_are_exempt() -> None:
    assert p50_if_exempt(WHOLE, 300, 3) is None


def test_sums_keep_the_number_of_repositories() -> None:
    assert WHOLE.summed().open_repositories == (3,) * 10
    assert forecast(WHOLE.summed()) == forecast(WHOLE)


def test_changes_in_the_number_of_repositories_are_added_up() -> None:
    opened = [(date(2026, 2, 1), 2), (date(2026, 2, 22), -1), (date(2026, 3, 1), 4)]
    found = history_of([], date(2026, 2, 9), TODAY, opened)
    assert found.open_repositories == (2, 1, 5)
