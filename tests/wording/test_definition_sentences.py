"""Sentences say how far a due date has moved, and which keys of a definition have changed."""

from __future__ import annotations

from datetime import date

import pytest

from headway.wording.definition_sentences import definition_change, due_moves
from headway.wording.forecast_sentences import due_sentences
from tests.support.attention import LAST, forecast, status


@pytest.mark.parametrize(
    ("moves", "days", "text"),
    [
        (0, 0, ""),
        (1, 31, "due date moved once, 4 weeks later than first set"),
        (2, 366, "due date moved 2 times, 12 months later than first set"),
        (1, -7, "due date moved once, 7 days earlier than first set"),
        (2, 0, "due date moved 2 times, now back to the first date"),
    ],
)
def test_how_far_a_due_date_has_moved(moves: int, days: int, text: str) -> None:
    assert due_moves(status(due_moves=moves, due_slip_days=days)) == text
    assert due_moves(forecast(due_moves=moves, due_slip_days=days)) == text


def test_a_removed_due_date_has_no_distance() -> None:
    row = status(due=None, due_moves=1, due_slip_days=0)
    assert due_moves(row) == "due date was moved once and then removed"


def test_the_sentence_on_the_due_date_says_how_far_it_has_moved() -> None:
    row = status(due=date(2026, 12, 31), due_moves=2, due_slips=2, due_slip_days=184)
    assert due_sentences(row, forecast(), LAST).plain.endswith(
        " The due date moved 2 times, 6 months later than first set."
    )
    assert "moved" not in due_sentences(status(), forecast(), LAST).plain


def test_a_changed_definition_names_its_keys_and_the_next_step() -> None:
    assert not definition_change(())
    assert definition_change(("due", "scope")).plain == (
        "The definition has changed since the last scan (due, scope); run headway scan to update "
        "the numbers."
    )
