"""The template filters format numbers, dates, lengths of time and links."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from headway.wording import formats as filters

TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (12345, "12,345"), (2.25, "2.2"), (3.0, "3"), (None, "–")]
)
def test_numbers(value: float | None, text: str) -> None:
    assert filters.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(3, "+3"), (-3, "\u22123"), (0, "0"), (None, "–")])
def test_signed_numbers(value: float | None, text: str) -> None:
    assert filters.signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.999, "99%"), (0.001, "1%"), (1, "100%"), (0, "0%"), (None, "–")],
)
def test_only_exact_shares_are_0_or_100_percent(value: float | None, text: str) -> None:
    assert filters.percent(value) == text


def test_days_and_moments() -> None:
    assert filters.day(date(2026, 1, 5)) == "5 Jan 2026"
    assert filters.day(None) == "–"
    assert filters.moment(datetime(2026, 1, 5, 3, 7, tzinfo=UTC)) == "5 Jan 2026, 03:07 UTC"
    assert filters.moment(None) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 6, 30), "today"),
        (date(2026, 7, 5), "today"),
        (date(2026, 6, 29), "1 day ago"),
        (date(2026, 6, 17), "13 days ago"),
        (date(2026, 6, 16), "2 weeks ago"),
        (date(2026, 1, 1), "6 months ago"),
        (date(2023, 6, 1), "3 years ago"),
        (datetime(2026, 6, 28, 23, tzinfo=UTC), "2 days ago"),
        (None, "–"),
    ],
)
def test_how_long_ago(value: date | None, text: str) -> None:
    assert filters.ago(value, TODAY) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 6, 30), "today"),
        (date(2026, 7, 1), "in 1 day"),
        (date(2026, 7, 14), "in 2 weeks"),
        (date(2026, 6, 20), "10 days overdue"),
        (None, "–"),
    ],
)
def test_how_long_until(value: date | None, text: str) -> None:
    assert filters.until(value, TODAY) == text


def test_only_the_web_is_linked() -> None:
    assert filters.web("https://example.com/x") == "https://example.com/x"
    assert filters.web("javascript:alert(1)") is None
    assert filters.web(" https://example.com") is None
    assert filters.web(None) is None


def test_words_for_counts_and_names() -> None:
    assert filters.plural(1, "item") == "1 item"
    assert filters.plural(2, "repository", "repositories") == "2 repositories"
    assert filters.shown("a\u202eb\n") == "a\\u202eb\\x0a"
    assert filters.short("0123456789abcdef") == "0123456789"


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (1, "1 day"),
        (13, "13 days"),
        (14, "2 weeks"),
        (20, "2 weeks"),
        (181, "25 weeks"),
        (182, "5 months"),
        (729, "23 months"),
        (731, "2 years"),
        (365 * 6, "5 years"),
    ],
)
def test_a_length_of_time_is_rounded_down(days: int, text: str) -> None:
    assert filters.length(days) == text
