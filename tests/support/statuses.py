"""Create status rows, forecasts and burndown periods with defaults for all fields."""

from __future__ import annotations

from datetime import date
from typing import Any

from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import BurndownPoint, StatusRow

TODAY = date(2026, 3, 2)


def status(**given: Any) -> StatusRow:
    """Return the status row of a campaign in which 10 of 20 items are open, without any dates."""
    values: dict[str, Any] = {
        "campaign": "remove-six",
        "title": "Remove six",
        "repository": None,
        "team": None,
        "state": "open",
        "open": 10,
        "fixed": 10,
        "exempt": 0,
        "completion": 0.5,
        "coverage": 1.0,
        "health": "on track",
        "p50": None,
        "p85": None,
        "due": None,
    }
    return StatusRow(**{**values, **given})


def forecast(**given: Any) -> CampaignForecast:
    """Return a forecast as of `TODAY` for the campaign that `status` describes."""
    values: dict[str, Any] = {
        "campaign": "remove-six",
        "team": None,
        "today": TODAY,
        "open": 10,
        "due": None,
        "reason": None,
        "p50": None,
        "p85": None,
        "horizon": 5,
        "chance": None,
        "pace": 1.5,
        "pace_needed": None,
        "growth": 0.0,
        "weeks": 20,
        "fixing_weeks": 10,
        "unknown": 0,
        "quantiles": (),
        "fan": (),
    }
    return CampaignForecast(**{**values, **given})


def week(day: date, **given: Any) -> BurndownPoint:
    """Return a period of the burndown. Counts that are not given are 0."""
    values: dict[str, Any] = {"open": 0, "exempt": 0, "fixed_total": 0}
    values |= {"campaign": "remove-six", "team": None, "completion": None, "coverage": 1.0}
    return BurndownPoint(**{**values, **given, "date": day})
