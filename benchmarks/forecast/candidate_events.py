"""A candidate in which fixes come in bursts at random times: a gamma-Poisson process.

The number of weeks with fixes has a Poisson distribution whose rate has a gamma distribution over
migrations. Each of these weeks is a burst that fixes a share of the remaining items. The mean share
is estimated from the last year. The remaining time is the time until the burst after which less
than one item remains.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, pvariance
from typing import NamedTuple

from benchmarks.forecast.measures import LEVELS
from benchmarks.forecast.methods import Method, Stated
from benchmarks.forecast.situations import Situation

YEAR_WEEKS = 52
_PRIOR_EVENTS = 2.0
"""The weight of the mean burst of the migrations used for fitting, in events."""
_SCORES = tuple(NormalDist().inv_cdf(level) for level in LEVELS)


class Seen(NamedTuple):
    """The weeks with fixes in the last year."""

    weeks: int
    events: int
    shares: float
    """The sum, over the weeks with fixes, of the share of the open items that were fixed."""


def events(fitted_on: Sequence[Situation]) -> Method:
    """Fit the distribution of the rate and the mean burst."""
    found = [seen(each) for each in fitted_on]
    rates = [each.events / each.weeks for each in found]
    rate = fmean(rates)
    scale = max(rate / max(pvariance(rates) - rate / YEAR_WEEKS, 1e-3), 1.0)
    burst = sum(each.shares for each in found) / sum(each.events for each in found)

    def stated(situation: Situation) -> Stated:
        now = seen(situation)
        share = (now.shares + _PRIOR_EVENTS * burst) / (now.events + _PRIOR_EVENTS)
        needed = 1 + math.log(situation.left) / -math.log(1 - min(share, 0.95))
        return Stated(arrival(needed, rate * scale + now.events, scale + now.weeks))

    return stated


def seen(situation: Situation) -> Seen:
    """Return the weeks with fixes in the last year."""
    weeks = situation.history.weeks[-YEAR_WEEKS:]
    shares = [week.fixed / max(week.open + week.fixed, 1) for week in weeks if week.fixed]
    return Seen(len(weeks), len(shares), sum(shares))


def arrival(needed: float, shape: float, weeks: float) -> tuple[float, ...]:
    """Return the weeks until the last of `needed` events, for each probability in LEVELS.

    The rate has a gamma distribution, given by its shape and a number of weeks. The logarithm of
    the time is treated as normal, with its exact mean and variance.
    """
    middle = math.log(weeks) + _digamma(needed) - _digamma(shape)
    spread = math.sqrt(_trigamma(needed) + _trigamma(shape))
    return tuple(math.exp(middle + spread * score) for score in _SCORES)


def _digamma(value: float) -> float:
    """Return the derivative of the logarithm of the gamma function, from its asymptotic series."""
    shift = 0.0
    while value < 6:
        shift -= 1 / value
        value += 1
    square = 1 / value**2
    series = square * (1 / 12 - square * (1 / 120 - square / 252))
    return shift + math.log(value) - 1 / (2 * value) - series


def _trigamma(value: float) -> float:
    """Return the derivative of the digamma function, from its asymptotic series."""
    shift = 0.0
    while value < 6:
        shift += 1 / value**2
        value += 1
    square = 1 / value**2
    series = square / value * (1 / 6 - square * (1 / 30 - square / 42))
    return shift + 1 / value + square / 2 + series
