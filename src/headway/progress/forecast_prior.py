"""Combine the durations of public migrations with those of finished campaigns.

The public migrations together have the weight of `PUBLIC_CAMPAIGNS` campaigns. Each finished
campaign in the workspace has the weight of one campaign.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from headway.progress.forecast_coefficients import COEFFICIENTS, Coefficients
from headway.progress.forecast_model import (
    begun,
    error_of,
    features,
    open_repositories,
    residual_of,
)
from headway.progress.weekly_history import History

PUBLIC_CAMPAIGNS = 10
"""The weight of all public migrations together, in campaigns. See docs/forecast.md."""

_EVERY = 4
"""The number of weeks between the samples from a finished campaign, as in the fit on public
migrations.
"""

_LEVELS = tuple(number / 100 for number in range(1, 100))


def with_finished(histories: Iterable[History], prior: Coefficients = COEFFICIENTS) -> Coefficients:
    """Return coefficients that also depend on finished campaigns.

    Args:
        histories: The histories of campaigns. Unfinished campaigns are ignored.
        prior: The coefficients fitted on public migrations.
    """
    own = [errors for errors in (errors_of(history, prior) for history in histories) if errors]
    if not own:
        return prior
    weighed = [(error, PUBLIC_CAMPAIGNS / len(prior.errors)) for error in prior.errors]
    weighed += ((error, 1 / len(errors)) for errors in own for error in errors)
    return prior._replace(errors=weighted_quantiles(weighed), own=len(own))


def errors_of(history: History, prior: Coefficients) -> list[float]:
    """Return the errors of the prior in past weeks of a finished campaign.

    The result is empty if the campaign has not finished, or finished in the week in which it began.
    """
    whole = history.summed()
    first = begun(whole)
    if first is None or history.open:
        return []
    limit = residual_of(whole, first)
    finish = max((n for n, week in enumerate(whole.weeks, 1) if week.open > limit), default=0) + 1
    errors = []
    for number in range(first, finish, _EVERY):
        past = whole.until(number)
        residual = residual_of(past, first)
        if past.open > residual:
            found = features(past, first, residual, open_repositories(past))
            errors.append(error_of(found, finish - number, prior))
    return errors


def weighted_quantiles(weighed: Iterable[tuple[float, float]]) -> tuple[float, ...]:
    """Return the quantiles at 1% to 99% of weighted values."""
    pairs = sorted(weighed)
    sums = list(accumulate(weight for _, weight in pairs))
    return tuple(
        round(pairs[min(bisect_left(sums, level * sums[-1]), len(pairs) - 1)][0], 3)
        for level in _LEVELS
    )
