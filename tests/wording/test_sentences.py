"""Numbers, dates, periods and lists of names are formatted for use in sentences."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from headway.model.audience import HIDDEN
from headway.wording.sentences import (
    before,
    day,
    names,
    plural,
    rate,
    span,
    when,
)

TODAY = date(2026, 3, 8)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "no items"), (1, "1 item"), (2, "2 items"), (1234, "1,234 items")],
)
def test_plural(count: int, text: str) -> None:
    assert plural(count, "item") == text


def test_an_irregular_plural() -> None:
    assert [plural(count, "repository", "repositories") for count in (1, 2)] == [
        "1 repository",
        "2 repositories",
    ]


@pytest.mark.parametrize(
    ("pace", "text"), [(0.0, "0"), (0.25, "0.2"), (3.0, "3"), (6.66, "6.7"), (1234.5, "1,234")]
)
def test_small_rates_have_one_decimal(pace: float, text: str) -> None:
    assert rate(pace) == text


def test_a_day_of_another_year_has_its_year() -> None:
    assert day(date(2026, 6, 3), TODAY) == "3\u00a0June"
    assert day(date(2027, 6, 3), TODAY) == "3\u00a0June\u00a02027"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 3, 8), TODAY, "8 March 2026"),
        (date(2026, 3, 2), TODAY, "2 to 8 March 2026"),
        (date(2026, 2, 28), TODAY, "28 February to 8 March 2026"),
        (date(2025, 12, 28), TODAY, "28 December 2025 to 8 March 2026"),
    ],
)
def test_a_span(first: date, last: date, text: str) -> None:
    assert span(first, last) == text


@pytest.mark.parametrize(
    ("days", "spoken", "ago"),
    [
        (1, "today", "yesterday"),
        (7, "this week", "a week ago"),
        (28, "in the last 28 days", "28 days ago"),
        (67, "since 1\u00a0January", "on 31\u00a0December\u00a02025"),
    ],
)
def test_a_period_in_words(days: int, spoken: str, ago: str) -> None:
    first = TODAY - timedelta(days=days - 1)
    assert (when(first, TODAY), before(first, TODAY)) == (spoken, ago)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 others"),
        (["a", HIDDEN], f"a and {HIDDEN}"),
        (["a", HIDDEN, HIDDEN], "a and 2 repositories that some readers are not allowed to see"),
    ],
)
def test_a_list_of_names(values: list[str], text: str) -> None:
    assert names(values).plain == text
