"""Quality measures for forecasts, with equal weights for migrations or for weeks."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

LEVELS = tuple(number / 100 for number in range(1, 100))
"""The probabilities for which a method states a number of weeks."""

HORIZON = 260
"""Methods give no dates that are more than this number of weeks ahead."""
_FURTHEST = 2 * HORIZON
"""Dates further ahead than this number of weeks are scored as if they were this far ahead."""
HORIZONS = (13, 26, 52)
"""The numbers of weeks for which the probability of finishing is judged."""


class Judged(NamedTuple):
    """The forecast of one method in one week of one migration, and the outcome."""

    migration: str
    finish: int
    """The weeks until the finish; for an unfinished migration, until the end of its history."""
    finished: bool
    weeks: tuple[float, ...]
    """The forecast weeks until the finish at each of LEVELS. Empty if there is no forecast."""
    stall: float = 0.0
    """The forecast probability that the migration stalls, so that these weeks do not apply."""

    def at(self, level: float) -> float:
        """Return the forecast weeks at a probability; infinite if the forecast gives no date."""
        if not self.weeks:
            return math.inf
        weeks = self.weeks[round(level * 100) - 1]
        return weeks if weeks <= HORIZON else math.inf

    def chance(self, weeks: float) -> float | None:
        """Return the probability of finishing within these weeks; None without a forecast."""
        return (1 - self.stall) * bisect_right(self.weeks, weeks) / 100 if self.weeks else None

    def outcome(self, weeks: float) -> bool | None:
        """Return whether the migration finished within these weeks; None if unknown."""
        if self.finished:
            return self.finish <= weeks
        return False if self.finish >= weeks else None


class Chances(NamedTuple):
    """The quality of the probabilities of finishing within a number of weeks."""

    auc: float
    """The area under the ROC curve.

    It is the probability that a week in which the migration finished in time had a higher chance
    than a week in which it did not.
    """
    brier: float
    base_brier: float
    """The Brier score of a forecast that always states the base rate."""
    base: float
    """The share of weeks in which the migration finished in time."""


class Quality(NamedTuple):
    """The measures of one method over many weeks. Shares are from 0 to 1."""

    middle_held: float
    """The share of the given P50 dates that held."""
    high_held: float
    """The share of the given P85 dates that held."""
    middle_given: float
    """The share of weeks with a P50 date."""
    high_given: float
    """The share of weeks with a P85 date."""
    crps_log: float
    """The continuous ranked probability score of the logarithm of the weeks."""
    crps: float
    """The continuous ranked probability score, in weeks."""
    pinball: float
    """The sum of the pinball losses of the logarithm at 50% and 85%."""
    across: float
    """The rank correlation of P50 with the outcome over all weeks."""
    within: float
    """The median rank correlation of P50 with the outcome within a migration."""


def weights(judged: Sequence[Judged], by_week: bool) -> list[float]:
    """Return weights that are equal for all weeks, or that give all migrations equal weight."""
    if by_week:
        return [1.0] * len(judged)
    counts: dict[str, int] = {}
    for each in judged:
        counts[each.migration] = counts.get(each.migration, 0) + 1
    return [1 / counts[each.migration] for each in judged]


def quality(judged: Sequence[Judged], by_week: bool = False) -> Quality:
    """Return the measures over the weeks of finished migrations."""
    judged = [each for each in judged if each.finished]
    weight = weights(judged, by_week)
    middle, high = [each.at(0.5) for each in judged], [each.at(0.85) for each in judged]
    return Quality(
        middle_held=_held(judged, middle, weight),
        high_held=_held(judged, high, weight),
        middle_given=_mean([not math.isinf(day) for day in middle], weight),
        high_given=_mean([not math.isinf(day) for day in high], weight),
        crps_log=_mean([_crps(each, log=True) for each in judged], weight),
        crps=_mean([_crps(each, log=False) for each in judged], weight),
        pinball=_mean([_pinball(each, 0.5) + _pinball(each, 0.85) for each in judged], weight),
        across=correlation([_clipped(day) for day in middle], [each.finish for each in judged]),
        within=_within(judged),
    )


def chances(judged: Sequence[Judged], weeks: int, by_week: bool = False) -> Chances:
    """Return the quality of the probabilities over all weeks whose outcome is known.

    A method without a forecast states the base rate.
    """
    known = [each for each in judged if each.outcome(weeks) is not None]
    weight = weights(known, by_week)
    outcomes = [each.outcome(weeks) is True for each in known]
    base = _mean(outcomes, weight)
    stated = [each.chance(weeks) for each in known]
    filled = [base if chance is None else chance for chance in stated]
    errors = [(chance - outcome) ** 2 for chance, outcome in zip(filled, outcomes, strict=True)]
    return Chances(
        auc=area_under_curve(filled, outcomes, weight),
        brier=_mean(errors, weight),
        base_brier=base * (1 - base),
        base=base,
    )


def passed(judged: Sequence[Judged], by_week: bool = False) -> float:
    """Return the share of P85 dates of unfinished migrations that have passed."""
    judged = [each for each in judged if not each.finished]
    weight = weights(judged, by_week)
    return 1 - _held(judged, [each.at(0.85) for each in judged], weight)


def area_under_curve(
    scores: Sequence[float], outcomes: Sequence[bool], weight: Sequence[float]
) -> float:
    """Return the weighted area under the ROC curve; equal scores count half."""
    by_score: dict[float, list[float]] = {}
    for score, outcome, part in zip(scores, outcomes, weight, strict=True):
        by_score.setdefault(score, [0.0, 0.0])[outcome] += part
    below = area = 0.0
    for score in sorted(by_score):
        negative, positive = by_score[score]
        area += positive * (below + negative / 2)
        below += negative
    positives = sum(part[1] for part in by_score.values())
    return area / (below * positives) if below and positives else math.nan


def correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rank correlation; NaN if one of the sequences is constant."""
    first, second = _ranks(first), _ranks(second)
    mean = (len(first) + 1) / 2
    covariance = sum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    spread = math.sqrt(sum((a - mean) ** 2 for a in first) * sum((b - mean) ** 2 for b in second))
    return covariance / spread if spread else math.nan


def _held(judged: Sequence[Judged], days: Sequence[float], weight: Sequence[float]) -> float:
    """Return the weighted share of forecast dates on or after the actual finish.

    Infinite dates are ignored.
    """
    given = [number for number, day in enumerate(days) if not math.isinf(day)]
    return _mean(
        [judged[number].finish <= days[number] for number in given],
        [weight[number] for number in given],
    )


def _within(judged: Sequence[Judged]) -> float:
    """Return the median rank correlation within migrations with at least four forecasts."""
    groups: dict[str, list[Judged]] = {}
    for each in judged:
        groups.setdefault(each.migration, []).append(each)
    found = [
        correlation(
            [_clipped(each.at(0.5)) for each in group], [float(each.finish) for each in group]
        )
        for group in groups.values()
        if len(group) >= 4
    ]
    # A constant forecast has no rank correlation. It is as bad as a correlation of 0.
    return median(0.0 if math.isnan(value) else value for value in found or [0.0])


def _crps(each: Judged, *, log: bool) -> float:
    """Return twice the mean pinball loss over all levels, which approximates the CRPS."""
    if log:
        actual, stated = math.log(each.finish), [math.log(_clipped(w)) for w in each.weeks]
    else:
        actual, stated = min(each.finish, HORIZON), [min(w, HORIZON) for w in each.weeks]
    if not stated:
        stated = [math.log(_FURTHEST) if log else float(HORIZON)] * len(LEVELS)
    losses = map(_loss, LEVELS, stated, [actual] * len(LEVELS))
    return 2 * sum(losses) / len(LEVELS)


def _pinball(each: Judged, level: float) -> float:
    weeks = each.weeks[round(level * 100) - 1] if each.weeks else math.inf
    return _loss(level, math.log(_clipped(weeks)), math.log(each.finish))


def _loss(level: float, stated: float, actual: float) -> float:
    return max(level * (actual - stated), (level - 1) * (actual - stated))


def _clipped(weeks: float) -> float:
    return min(max(weeks, 1.0), _FURTHEST)


def _mean(values: Sequence[float], weight: Sequence[float]) -> float:
    total = sum(weight)
    if not total:
        return math.nan
    return sum(value * part for value, part in zip(values, weight, strict=True)) / total


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, counted from 1; equal values share their mean rank."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end + 1) / 2
        start = end
    return ranks
