"""Forecast the finish date on the assumption that some open items are exempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from headway.progress.forecast import forecast
from headway.progress.forecast_coefficients import COEFFICIENTS, Coefficients
from headway.progress.weekly_history import History


def p50_if_exempt(
    history: History, items: int, repositories: int, prior: Coefficients = COEFFICIENTS
) -> date | None:
    """Return the 50% finish date if some of the open items were exempt from today.

    The result is None if no other items are open, or if the forecast gives no 50% date.

    Args:
        history: The weekly history, with at least one week.
        items: The number of items that would be exempt.
        repositories: The number of repositories that would have no open items left.
        prior: The coefficients of the forecast.
    """
    whole = history.summed()
    weeks, counts = whole.weeks, whole.open_repositories or ()
    last = weeks[-1]._replace(open=weeks[-1].open - items)
    if last.open <= 0:
        return None
    rest = replace(
        whole,
        repositories=((*weeks[:-1], last),),
        open_repositories=(*counts[:-1], max(counts[-1] - repositories, 1)),
    )
    return forecast(rest, prior=prior, fan=False).p50
