"""Recent throughput never seems to contradict the chance of meeting a due date."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.progress.health import is_likely
from headway.wording.forecast_sentences import due_sentences
from headway.wording.throughput_sentences import reconciliation
from tests.support.attention import LAST, forecast, status


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"pace": 24.0, "pace_needed": 11.0, "chance": 0.9}, ""),
        ({"pace": 2.0, "pace_needed": 11.0, "chance": 0.1}, ""),
        ({"pace": 2.0, "pace_needed": None, "chance": 0.1}, ""),
        ({"pace": 2.0, "pace_needed": 1.0, "chance": None}, ""),
        (
            {"pace": 24.0, "pace_year": 2.0, "pace_needed": 11.0, "chance": 0.16, "weeks": 60},
            (
                "fixes averaged 24 per week over the last 4 weeks, but 2 over the last year, and "
                "must average 11"
            ),
        ),
        (
            {"pace": 1.0, "pace_year": 6.5, "pace_needed": 3.0, "chance": 0.9},
            (
                "fixes averaged 1 per week over the last 4 weeks, but 6.5 over all 20 weeks, and "
                "must average 3"
            ),
        ),
        (
            {"pace": 5.0, "pace_year": 4.0, "pace_needed": 3.0, "chance": 0.3},
            (
                "fixes averaged 5 per week over the last 4 weeks and must average 3, but only 15 "
                "of 20 weeks had fixes"
            ),
        ),
        (
            {"pace": 4, "pace_year": 4, "pace_needed": 3, "chance": 0.3, "fixing_weeks": 20},
            (
                "fixes averaged 4 per week over the last 4 weeks and must average 3, which leaves "
                "little margin"
            ),
        ),
        (
            {"pace": 1.0, "pace_year": 1.0, "pace_needed": 3.0, "chance": 0.9},
            (
                "fixes averaged 1 per week over the last 4 weeks and must average 3, but the "
                "forecast also allows for the usual duration of campaigns"
            ),
        ),
    ],
)
def test_the_clause_says_why_they_differ(changes: dict[str, Any], clause: str) -> None:
    assert reconciliation(forecast(**changes)) == clause


@given(
    pace=st.floats(0, 50), year=st.floats(0, 50), needed=st.floats(0, 50), chance=st.floats(0, 1)
)
def test_there_is_a_clause_if_and_only_if_they_seem_to_differ(
    pace: float, year: float, needed: float, chance: float
) -> None:
    found = forecast(pace=pace, pace_year=year, pace_needed=needed, chance=chance)
    assert bool(reconciliation(found)) == ((pace >= needed) != is_likely(chance))


def test_the_sentence_on_the_due_date_agrees_with_a_stalled_health() -> None:
    text = due_sentences(status(health="stalled", chance=0.9), forecast(), LAST).plain
    assert text.endswith("(90% likely), but only if work resumes after 4 weeks without fixes.")


def test_the_sentence_on_the_due_date_reconciles() -> None:
    found = forecast(pace=24.0, pace_year=2.0, pace_needed=11.0, chance=0.16, weeks=60)
    text = due_sentences(status(health="off track", chance=0.16), found, LAST).plain
    assert "is not realistic (16% likely): fixes averaged 24 per week" in text
    assert "but 2 over the last year, and must average 11." in text
