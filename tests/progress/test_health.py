"""The health of a campaign is determined by its state, due date and forecast."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from headway.progress.health import health_of
from headway.progress.state import Health

TODAY = date(2026, 6, 1)
AT_RISK: dict[str, Any] = {
    "state": "open",
    "open_items": 5,
    "due": date(2026, 9, 1),
    "last_fix": TODAY - timedelta(days=3),
    "open_since": date(2026, 1, 5),
    "today": TODAY,
    "chance": 0.3,
}


@pytest.mark.parametrize(
    ("changed", "health"),
    [
        ({}, "at risk"),
        ({"chance": 0.4}, "on track"),
        # Chances are rounded to the nearest percent, as on pages: 40%, 39%, 20% and 19%.
        ({"chance": 0.396}, "on track"),
        ({"chance": 0.394}, "at risk"),
        ({"chance": 0.196}, "at risk"),
        ({"chance": 0.194}, "off track"),
        # The pace must also be high enough.
        ({"chance": 0.6, "pace": 0.9, "pace_needed": 1.0}, "at risk"),
        ({"chance": 0.6, "pace": 1.0, "pace_needed": 1.0}, "on track"),
        ({"chance": 0.6, "pace": 0.49, "pace_needed": 1.0}, "off track"),
        ({"chance": 0.3, "pace": 1.2, "pace_needed": 6.7}, "off track"),
        ({"chance": None}, "not enough history"),
        ({"due": None}, "no due date"),
        ({"due": TODAY - timedelta(days=1), "chance": 0.9}, "off track"),
        ({"due": TODAY}, "at risk"),
        ({"last_fix": TODAY - timedelta(days=27)}, "at risk"),
        ({"last_fix": TODAY - timedelta(days=28)}, "stalled"),
        ({"last_fix": None}, "stalled"),
        ({"last_fix": None, "open_since": TODAY}, "at risk"),
        ({"open_items": 0, "state": "done"}, "done"),
        ({"open_items": 0, "state": "not affected"}, "no matches"),
        ({"open_items": 0, "state": "no matches"}, "no matches"),
        ({"open_items": 0, "state": "exempt"}, "exempt"),
        ({"open_items": 0, "state": "unknown"}, "not enough history"),
        # No item is open, but a required match is missing.
        ({"open_items": 0, "state": "incomplete", "chance": None}, "not enough history"),
        ({"open_items": 0, "state": "incomplete", "due": date(2026, 5, 31)}, "off track"),
        ({"open_items": 0, "state": "incomplete", "last_fix": date(2026, 5, 4)}, "stalled"),
        ({"open_items": 0, "state": "unknown", "due": None}, "no due date"),
    ],
)
def test_health_follows_from_state_dates_and_chance(
    changed: dict[str, Any], health: Health
) -> None:
    assert health_of(**AT_RISK | changed) == health
