"""One sentence on how a campaign fares."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from headway.metrics.records import ForecastRecord, PastForecastRow
from headway.site.verdict import record_in_words, verdict
from tests.support.statuses import TODAY, forecast, status

STARTS = date(2025, 1, 6)
DUE = date(2026, 6, 1)
HORIZON = date(2031, 3, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"health": "done", "open": 0, "last_fix": date(2026, 1, 9)}, "Done since 9 Jan 2026."),
        ({"health": "done", "open": 0}, "There is nothing to change."),
        (
            {"health": "not enough history", "open": 0, "unknown": 2},
            "Nothing known is open, but 2 repositories are unknown.",
        ),
        (
            {"health": "stalled", "open": 0, "incomplete": 1},
            "Nothing is left to remove, but 1 repository is without what replaces it.",
        ),
        ({"state": "unknown", "reason": "not scanned yet", "open": 0}, "Not scanned yet."),
        (
            {"health": "stalled", "last_fix": date(2026, 1, 5)},
            "The last fix was 8 weeks ago; 10 items are left.",
        ),
        ({"health": "stalled", "open": 1}, "Nothing was fixed since 6 Jan 2025; 1 item is left."),
        (
            {"health": "off track", "due": date(2026, 2, 23)},
            "7 days past its date; 10 items are left.",
        ),
        (
            {
                "health": "not enough history",
                "due": DUE,
                "forecast_reason": "not enough history: 3",
            },
            "Not enough history: 3.",
        ),
        (
            {"health": "no due date", "p50": date(2026, 8, 3), "horizon": HORIZON},
            "As likely as not done by 3 Aug 2026 at 1.5 fixes a week.",
        ),
        ({"health": "no due date", "horizon": HORIZON}, "Years to go at 1.5 fixes a week."),
        (
            {"due": DUE, "p50": date(2026, 4, 20), "chance": 0.93, "horizon": HORIZON},
            "93% likely to make its date, as likely as not with 6 weeks to spare.",
        ),
        (
            {
                "health": "at risk",
                "due": DUE,
                "p50": date(2026, 5, 25),
                "chance": 0.6,
                "horizon": HORIZON,
            },
            "Only 60% likely to make its date: it takes 2.5 fixes a week and gets 1.5.",
        ),
        (
            {
                "health": "off track",
                "due": DUE,
                "p50": date(2026, 9, 28),
                "chance": 0.1,
                "horizon": HORIZON,
            },
            "As likely as not 17 weeks late: it takes 2.5 fixes a week and gets 1.5.",
        ),
        (
            {"health": "off track", "due": DUE, "chance": 0.0, "horizon": HORIZON},
            "As likely as not years late: it takes 2.5 fixes a week and gets 1.5.",
        ),
    ],
)
def test_it_says_whether_it_will_be_in_time_and_why(row: dict[str, Any], said: str) -> None:
    assert verdict(status(**row), forecast(pace_needed=2.5), STARTS) == said


def test_a_burst_that_would_be_fast_enough_is_not_called_too_slow() -> None:
    row = status(health="at risk", due=DUE, p50=date(2026, 5, 1), chance=0.7, horizon=HORIZON)
    assert verdict(row, forecast(pace=12.8, pace_needed=2.5), STARTS) == (
        "Only 70% likely to make its date: the last four weeks were fast enough, but most "
        "before them were not."
    )


def test_on_the_very_day_no_pace_is_asked_for() -> None:
    row = status(health="off track", due=TODAY, p50=date(2027, 1, 1), chance=0.0, horizon=HORIZON)
    assert verdict(row, forecast(pace_needed=None), STARTS) == (
        "As likely as not 10 months late: 10 items are left, and it gets 1.5 fixes a week."
    )


TOLD = tuple(PastForecastRow(date(2025, month, 1), DUE, None) for month in range(1, 11))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (ForecastRecord((), None, 0, 0), None),
        (ForecastRecord(TOLD[:1], None, 0, 0), None),
        (
            ForecastRecord(TOLD, None, 0, 0),
            "None of the days that 10 forecasts since 1 Jan 2025 named has passed yet.",
        ),
        (
            ForecastRecord(TOLD, None, 3, 0),
            (
                "Of 10 forecasts since 1 Jan 2025, the 50 % day of 3 has passed without the end, "
                "and the 85 % day of none."
            ),
        ),
        (
            ForecastRecord(TOLD, date(2026, 1, 4), 4, 1),
            (
                "It was over by 4 Jan 2026. Of 10 forecasts since 1 Jan 2025, the 85 % day held in "
                "90%, and the 50 % day in 60%."
            ),
        ),
    ],
)
def test_the_record_of_a_forecast_in_a_sentence(record: ForecastRecord, said: str | None) -> None:
    assert record_in_words(record) == said
