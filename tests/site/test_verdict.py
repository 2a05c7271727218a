"""The verdict says in one sentence whether a campaign will meet its due date, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from headway.metrics.forecast_records import ForecastRecord, PastForecastRow
from headway.site.verdict import record_in_words, verdict
from tests.support.statuses import TODAY, forecast, status

DUE = date(2026, 6, 1)
HORIZON = date(2031, 3, 1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"health": "done", "open": 0, "last_fix": date(2026, 1, 9)}, "Done since 9 Jan 2026."),
        ({"health": "done", "open": 0}, "Nothing had to change."),
        (
            {"health": "not enough history", "open": 0, "unknown": 2},
            "No known open items, but the state of 2 repositories is unknown.",
        ),
        (
            {"health": "stalled", "open": 0, "incomplete": 1},
            "Nothing left to remove, but 1 repository lacks what is required.",
        ),
        ({"state": "unknown", "reason": "not scanned yet", "open": 0}, "Not scanned yet."),
        (
            {"health": "stalled", "last_fix": date(2026, 1, 5)},
            "Stalled: 10 open items, no fixes since 5 Jan 2026.",
        ),
        (
            {"health": "stalled", "last_fix": date(2026, 1, 5), "chance": 0.9},
            (
                "Stalled: 10 open items, no fixes since 5 Jan 2026; 90% likely to meet the due "
                "date only if work resumes."
            ),
        ),
        ({"health": "stalled", "open": 1}, "Stalled: 1 open item, no fixes yet."),
        (
            {"health": "off track", "due": date(2026, 2, 23)},
            "7 days overdue, with 10 open items.",
        ),
        (
            {
                "health": "not enough history",
                "due": DUE,
                "forecast_reason": "not enough history: 3",
            },
            "No forecast yet (not enough history: 3).",
        ),
        (
            {"health": "no due date", "p50": date(2026, 8, 3), "horizon": HORIZON},
            (
                "Unless it stalls for good, 50% likely to finish by 3 Aug 2026, "
                "averaging 1.5 fixes per week."
            ),
        ),
        (
            {"health": "no due date", "horizon": HORIZON},
            "Likely to take years, averaging 1.5 fixes per week.",
        ),
        (
            {"due": DUE, "p50": date(2026, 4, 20), "chance": 0.93, "horizon": HORIZON},
            "93% likely to meet the due date, probably 6 weeks early.",
        ),
        (
            {
                "health": "at risk",
                "due": DUE,
                "p50": date(2026, 5, 25),
                "chance": 0.3,
                "horizon": HORIZON,
            },
            "Only 30% likely to meet the due date: needs 2.5 fixes per week, averaging 1.5.",
        ),
        (
            {
                "health": "off track",
                "due": DUE,
                "p50": date(2026, 9, 28),
                "chance": 0.1,
                "horizon": HORIZON,
            },
            "Likely 17 weeks late: needs 2.5 fixes per week, averaging 1.5.",
        ),
        (
            {
                "health": "at risk",
                "due": DUE,
                "p50": date(2026, 4, 20),
                "chance": 0.85,
                "horizon": HORIZON,
            },
            (
                "85% likely to meet the due date: fixes averaged 1.5 per week over the last 4 "
                "weeks and must average 2.5, but the forecast also allows for the usual duration "
                "of campaigns."
            ),
        ),
        (
            {"health": "off track", "due": DUE, "chance": 0.0, "horizon": HORIZON},
            "Likely years late: needs 2.5 fixes per week, averaging 1.5.",
        ),
    ],
)
def test_the_verdict_compares_forecast_and_due_date(row: dict[str, Any], expected: str) -> None:
    pace = 2.5 if row.get("health", "on track") == "on track" else 1.5
    found = forecast(pace=pace, pace_needed=2.5, chance=row.get("chance"))
    assert verdict(status(**row), found) == expected


def test_throughput_and_chance_that_seem_to_differ_are_reconciled() -> None:
    row = status(health="at risk", due=DUE, p50=date(2026, 5, 1), chance=0.3, horizon=HORIZON)
    bursts = forecast(pace=12.8, pace_year=1.5, pace_needed=2.5, chance=0.3)
    assert verdict(row, bursts) == (
        "Only 30% likely to meet the due date: fixes averaged 13 per week over the last 4 "
        "weeks, but 1.5 over all 20 weeks, and must average 2.5."
    )
    row = status(due=DUE, p50=date(2026, 4, 20), chance=0.93, horizon=HORIZON)
    slow = forecast(pace=0.5, pace_year=3.0, pace_needed=2.5, chance=0.93, weeks=70)
    assert verdict(row, slow) == (
        "93% likely to meet the due date, probably 6 weeks early: fixes averaged 0.5 per week "
        "over the last 4 weeks, but 3 over the last year, and must average 2.5."
    )


def test_on_the_due_date_itself_no_throughput_is_required() -> None:
    row = status(health="off track", due=TODAY, p50=date(2027, 1, 1), chance=0.0, horizon=HORIZON)
    assert verdict(row, forecast(pace_needed=None)) == (
        "Likely 10 months late: 10 open items, averaging 1.5 fixes per week."
    )


def moving(first: date | None, last: date | None) -> tuple[PastForecastRow, ...]:
    """Return two forecasts with these 50% dates."""
    return (
        PastForecastRow(date(2025, 1, 1), first, None),
        PastForecastRow(date(2025, 10, 1), last, None),
    )


PAST_FORECASTS = tuple(PastForecastRow(date(2025, month, 1), DUE, None) for month in range(1, 11))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (ForecastRecord((), None, 0, 0), None),
        (ForecastRecord(PAST_FORECASTS[:1], None, 0, 0), None),
        (
            ForecastRecord(PAST_FORECASTS, None, 0, 0),
            "Since 1 Jan 2025, the 50% date has stayed at 1 Jun 2026.",
        ),
        (
            ForecastRecord(moving(date(2026, 1, 5), date(2026, 1, 12)), None, 0, 0),
            (
                "Since 1 Jan 2025, the 50% date has hardly moved: it was 5 Jan 2026, and is now "
                "12 Jan 2026."
            ),
        ),
        (
            ForecastRecord(moving(date(2026, 1, 5), date(2026, 3, 30)), None, 0, 0),
            (
                "Since 1 Jan 2025, the 50% date has moved 12 weeks later, from 5 Jan 2026 to "
                "30 Mar 2026."
            ),
        ),
        (
            ForecastRecord(moving(date(2026, 3, 30), date(2026, 1, 5)), None, 0, 0),
            (
                "Since 1 Jan 2025, the 50% date has moved 12 weeks earlier, from 30 Mar 2026 to "
                "5 Jan 2026."
            ),
        ),
        (
            ForecastRecord(moving(None, date(2026, 1, 5)), None, 0, 0),
            (
                "Since 1 Jan 2025, the 50% date has come into the range of the forecast: it "
                "is now 5 Jan 2026."
            ),
        ),
        (
            ForecastRecord(moving(date(2026, 1, 5), None), None, 0, 0),
            (
                "Since 1 Jan 2025, the 50% date has moved out of the range of the forecast: it "
                "was 5 Jan 2026."
            ),
        ),
        (
            ForecastRecord(moving(None, None), None, 0, 0),
            "Since 1 Jan 2025, the 50% date has always been too far away to predict.",
        ),
        (
            ForecastRecord(PAST_FORECASTS, None, 3, 0),
            (
                "Since 1 Jan 2025, the 50% date has stayed at 1 Jun 2026. Of 10 forecasts since "
                "1 Jan 2025, 3 gave a 50% date that has already passed, and none gave an 85% "
                "date that has already passed."
            ),
        ),
        (
            ForecastRecord(PAST_FORECASTS, date(2026, 1, 4), 4, 1),
            (
                "The campaign finished by 4 Jan 2026. It met the 85% date in 90% of the 10 "
                "forecasts since 1 Jan 2025, and the 50% date in 60%."
            ),
        ),
    ],
)
def test_a_sentence_says_how_well_earlier_forecasts_held(
    record: ForecastRecord, expected: str | None
) -> None:
    assert record_in_words(record) == expected
