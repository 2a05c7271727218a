"""Milestones whose state is unknown are not reported as missed, due soon or reached."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from headway.metrics.attention.deadlines import milestone_news
from tests.support.attention import DUE, LAST, status


def news(**changes: Any) -> list[str]:
    row = status(milestone="End of Python 3.10", **changes)
    return [entry.state for entry in milestone_news([row], (), LAST, began=False)]


def test_a_milestone_is_missed_after_its_due_date_and_due_soon_before() -> None:
    assert news(due=date(2026, 3, 1)) == ["missed"]
    assert news(due=date(2026, 3, 20)) == ["due soon"]
    assert news(due=DUE) == []


@pytest.mark.parametrize("reason", ["not scanned yet", "no repository in scope matches"])
def test_a_milestone_without_data_is_not_missed(reason: str) -> None:
    assert news(due=date(2026, 3, 1), open=0, state="unknown", reason=reason) == []
