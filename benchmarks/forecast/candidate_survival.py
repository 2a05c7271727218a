"""A hierarchical survival model in which each repository is cleared at its own rate.

A repository is cleared when its last open item is fixed. The rate at which this happens is a
logistic regression on the size of the repository, the share of fixed items, the time since the last
fix, the age of the migration, and the fixes in other repositories. The repositories of a migration
share a factor with a gamma distribution. The distribution is updated from the repositories that
have been cleared so far. A migration finishes when its last repository is cleared. Its residual may
be in the repositories that are cleared last.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import NamedTuple

from benchmarks.forecast.equations import Target, logistic, newton
from benchmarks.forecast.measures import LEVELS
from benchmarks.forecast.methods import Method, Stated
from benchmarks.forecast.migrations import Migration
from benchmarks.forecast.situations import EVERY, Situation

FACTORS = 9
"""The number of values that represent the distribution of the common factor."""
SHAPES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""The candidates for the shape of the common factor. A smaller shape means more variation.
"""
_GRID = tuple(math.exp(step / 6) for step in range(46))
"""The weeks, from 1 to about 1,800, for which the probability of completion is computed."""
_NEWTON_STEPS = 6


class Part(NamedTuple):
    """A repository with open items at the end of a week."""

    number: int
    """The week, counted from 1."""
    open: int
    values: tuple[float, ...]
    cleared: bool | None
    """Whether it has no open items four weeks later; None if this is unknown."""


class Known(NamedTuple):
    """The facts that are known about a migration at the end of a week."""

    rates: list[tuple[float, int]]
    """The rate and the number of open items of each repository with open items, slowest first."""
    cleared: int
    """The number of repositories that have been cleared."""
    hoped: float
    """The number of cleared repositories that the rates predict."""


def survival(fitted_on: Sequence[Situation]) -> Method:
    """Fit the rates of repositories, and the differences between migrations."""
    migrations = {each.migration.id: each.migration for each in fitted_on}
    by_migration = [
        [part for part in parts(migration) if part.cleared is not None]
        for migration in migrations.values()
    ]
    targets: list[Target] = [
        (part.values, float(part.cleared is True), 1 / len(found))
        for found in by_migration
        for part in found
    ]
    weights = [-3.0, *(0.0 for _ in targets[0][0][1:])]
    for _ in range(_NEWTON_STEPS):
        weights = newton(weights, targets)
    expected = [_expected(found, weights) for found in by_migration]
    shape = max(SHAPES, key=lambda each: sum(_likelihood(each, *pair) for pair in expected))

    known: dict[str, dict[int, Known]] = {}

    def stated(situation: Situation) -> Stated:
        migration = situation.migration
        if migration.id not in known:
            known[migration.id] = _known(migration, weights)
        now = known[migration.id][situation.number]
        factors = _gamma(shape + now.cleared, shape + now.hoped)
        return Stated(last_cleared(_without(now.rates, situation.residual), factors))

    return stated


def _known(migration: Migration, weights: Sequence[float]) -> dict[int, Known]:
    """Return the known facts at the end of every fourth week, by week number."""
    by_week: dict[int, list[Part]] = defaultdict(list)
    for part in parts(migration):
        by_week[part.number].append(part)
    cleared, hoped = 0, 0.0
    found = {}
    for number in range(1, len(migration.history.weeks) + 1, EVERY):
        now = by_week[number]
        rates = sorted((_rate(part, weights), part.open) for part in now)
        found[number] = Known(rates, cleared, hoped)
        count, expected = _expected((part for part in now if part.cleared is not None), weights)
        cleared, hoped = cleared + count, hoped + expected
    return found


def parts(migration: Migration) -> tuple[Part, ...]:
    """Return the repositories with open items at the end of every fourth week."""
    history = migration.history
    fixed = [0]
    for week in history.weeks:
        fixed.append(fixed[-1] + week.fixed)
    return tuple(
        part
        for weeks, before in zip(history.repositories, history.before, strict=True)
        for part in _parts([week.open for week in weeks], [w.fixed for w in weeks], before, fixed)
    )


def _parts(
    opened: Sequence[int], fixes: Sequence[int], before: int, all_fixes: Sequence[int]
) -> Iterable[Part]:
    peak, last, own = before, 0, 0
    sums = [0]
    for number, (count, fixed) in enumerate(zip(opened, fixes, strict=True), 1):
        peak = max(peak, count)
        own += fixed
        sums.append(own)
        last = number if fixed else last
        if count and (number - 1) % EVERY == 0:
            since = max(number - 13, 0)
            others = all_fixes[number] - all_fixes[since] - sums[number] + sums[since]
            values = (
                1.0,
                math.log(count),
                math.log(count / peak),
                math.log(number - last + 1),
                math.log(number + 4),
                float(others > 0),
            )
            later = number + EVERY
            cleared = opened[later - 1] == 0 if later <= len(opened) else None
            yield Part(number, count, values, cleared)


def _rate(part: Part, weights: Sequence[float]) -> float:
    """Return the weekly rate at which a repository is cleared."""
    return -math.log(1 - min(logistic(weights, part.values), 0.999)) / EVERY


def _expected(found: Iterable[Part], weights: Sequence[float]) -> tuple[int, float]:
    """Return the actual and the expected number of cleared repositories."""
    cleared, hoped = 0, 0.0
    for part in found:
        cleared += part.cleared is True
        hoped += _rate(part, weights) * EVERY
    return cleared, hoped


def _likelihood(shape: float, cleared: int, hoped: float) -> float:
    """Return the logarithm of the negative binomial probability, up to a constant."""
    return (
        math.lgamma(shape + cleared)
        - math.lgamma(shape)
        + shape * math.log(shape)
        - (shape + cleared) * math.log(shape + hoped)
    )


def _gamma(shape: float, rate: float) -> list[float]:
    """Return values that represent a gamma distribution (Wilson-Hilferty approximation)."""
    scores = (NormalDist().inv_cdf((place + 0.5) / FACTORS) for place in range(FACTORS))
    root = 1 / (9 * shape)
    return [shape / rate * max(1 - root + score * math.sqrt(root), 0.05) ** 3 for score in scores]


def _without(rates: Sequence[tuple[float, int]], residual: int) -> dict[float, int]:
    """Return repository counts by rate, without the slowest ones that hold the residual."""
    found: dict[float, int] = defaultdict(int)
    held = 0
    for rate, count in rates:
        held += count
        if held > residual:
            found[round(math.log(rate), 1)] += 1
    return {math.exp(rate): number for rate, number in found.items()}


def last_cleared(rates: dict[float, int], factors: Sequence[float]) -> tuple[float, ...]:
    """Return the weeks until all repositories are cleared, for each probability in LEVELS."""
    chances = [
        sum(
            math.prod((1 - math.exp(-rate * factor * weeks)) ** n for rate, n in rates.items())
            for factor in factors
        )
        / len(factors)
        for weeks in _GRID
    ]
    return tuple(_at(chances, level) for level in LEVELS)


def _at(chances: Sequence[float], level: float) -> float:
    place = bisect_left(chances, level)
    if place == 0:
        return _GRID[0]
    if place == len(chances):
        return _GRID[-1] * 2
    low, high = chances[place - 1], chances[place]
    step = math.log(_GRID[place] / _GRID[place - 1])
    return _GRID[place - 1] * math.exp(step * (level - low) / (high - low))
