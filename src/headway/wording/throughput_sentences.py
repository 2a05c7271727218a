"""Explain throughput that appears to contradict the chance of meeting a due date."""

from __future__ import annotations

from headway.metrics.forecast_records import CampaignForecast
from headway.progress.forecast import PACE_WEEKS, YEAR_WEEKS
from headway.progress.health import is_likely
from headway.wording.sentences import rate

_STEADY = 0.9
"""The minimum share of weeks with fixes, from 0 to 1, for work to count as steady."""


def reconciliation(forecast: CampaignForecast) -> str:
    """Explain why recent throughput does not contradict the chance of meeting the due date.

    For example, `fixes averaged 24 per week over the last 4 weeks, but 2 over the last year, and
    must average 11`. The result is empty if recent throughput and the chance suggest the same
    verdict, or if there is no chance or required throughput.
    """
    needed = forecast.pace_needed
    if forecast.chance is None or needed is None:
        return ""
    enough = forecast.pace >= needed
    if enough == is_likely(forecast.chance):
        return ""
    pace = rate(forecast.pace)
    recent = f"fixes averaged {pace} per week over the last {PACE_WEEKS} weeks"
    if (forecast.pace_year >= needed) != enough:
        year = rate(forecast.pace_year)
        return f"{recent}, but {year} over {_year(forecast)}, and must average {rate(needed)}"
    recent = f"{recent} and must average {rate(needed)}"
    if not enough:
        return f"{recent}, but the forecast also allows for the usual duration of campaigns"
    if forecast.fixing_weeks < _STEADY * forecast.weeks:
        return f"{recent}, but only {forecast.fixing_weeks} of {forecast.weeks} weeks had fixes"
    return f"{recent}, which leaves little margin"


def _year(forecast: CampaignForecast) -> str:
    return "the last year" if forecast.weeks >= YEAR_WEEKS else f"all {forecast.weeks} weeks"
