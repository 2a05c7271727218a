"""Forecast by resampling past weeks. This former method of Headway is kept for comparison.

The method is a bootstrap of whole weeks (Efron 1979). Weeks are drawn in blocks, so that bursts of
work stay together (Kuensch 1989). If the pace is irregular, the forecast is adjusted towards the
usual duration of campaigns.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import NamedTuple

from benchmarks.forecast.simulation_draws import blocks, draws, recency
from headway.progress.weekly_history import History

HORIZON_WEEKS = 260
_MINIMUM_WEEKS = 8
_MINIMUM_FIXING_WEEKS = 4
_DRAWS_AT_ONCE = 1_000
_NORMAL = NormalDist()
_NO_ITEM = 0.5
"""A simulated campaign has finished if fewer items than this remain.

The limit is not 0, because scaling the pace leaves fractions of items.
"""


@dataclass(frozen=True, slots=True)
class Method:
    """Parameters of the simulation, tuned on completed migrations; see docs/forecast.md."""

    paths: int = 200
    """The number of simulated futures."""
    block: int = 4
    """The number of consecutive weeks that are drawn together."""
    half_life: float = 104
    """The number of weeks after which the weight of a past week halves."""
    trust: float = 0.8
    """The weight of the observed pace (0 to 1) if each of the last `steady` weeks had a fix.

    The weight falls in proportion to the weeks without a fix.
    """
    steady: int = 26
    usual: float = 80
    """The number of weeks that the remaining items take if nothing else is known."""
    spread: float = 1.1
    """The standard deviation, over all simulated futures, of the logarithm of their speed."""


METHOD = Method()


def quantile_weeks(
    history: History, residual: int, method: Method, shares: Sequence[float]
) -> tuple[float, ...]:
    """Return the weeks until the finish at each share; empty if there is no forecast.

    A value beyond the horizon is infinite.
    """
    fixing = sum(1 for week in history.weeks if week.fixed)
    if len(history.weeks) < _MINIMUM_WEEKS or fixing < _MINIMUM_FIXING_WEEKS:
        return ()
    futures = _Futures(history, residual, method)
    return tuple(math.inf if (week := futures.week(s)) is None else week for s in shares)


class _Run(NamedTuple):
    """One simulated future."""

    speed: float
    """The pace of this future, as a multiple of the observed pace."""
    first: int
    """The number of this future's first draw."""
    blocks: int
    """The number of whole blocks before the finish, or up to the horizon."""


class _Futures:
    """The simulated futures of one history."""

    def __init__(self, history: History, residual: int, method: Method) -> None:
        self._method = method
        self._weeks = history.weeks
        self._remaining = history.open - residual
        self._recency = recency(len(self._weeks), method.half_life)
        self._fixed = blocks([week.fixed for week in self._weeks], method.block)
        self._draws = draws(len(self._weeks), method.half_life)
        # _sums[i] is the total number of fixes in the first i drawn blocks, at the observed pace.
        self._sums = [0]
        self._drawn = 0
        self._runs: list[_Run] = []
        centre = self._centre()
        ends = []
        for number in range(method.paths):
            # Speeds spread evenly over the distribution are as accurate as a much larger number of
            # random speeds.
            place = _NORMAL.inv_cdf((number + 0.5) / method.paths)
            ends.append(self._run(math.exp(centre + method.spread * place)))
        self._ends = sorted(ends)

    def week(self, share: float) -> int | None:
        """Return the first week at whose end this share of the simulated futures have finished.

        The result is None if the week is after the horizon.
        """
        end = self._ends[math.ceil(share * len(self._ends)) - 1]
        return None if end > HORIZON_WEEKS else end

    def _centre(self) -> float:
        """Return the logarithm of the speed of the median simulated future.

        This future takes `observed ** trusted * usual ** (1 - trusted)` weeks. `observed` is the
        number of weeks that the remaining items take at the observed pace, and `trusted` is the
        weight of the observed pace.
        """
        weights = [after - before for before, after in pairwise((0.0, *self._recency))]
        fixed = sum(weight * week.fixed for weight, week in zip(weights, self._weeks, strict=True))
        observed = self._remaining / (fixed / self._recency[-1])
        recent = self._weeks[-self._method.steady :]
        regular = sum(1 for week in recent if week.fixed) / len(recent)
        trusted = self._method.trust * regular
        return (1 - trusted) * math.log(observed / self._method.usual)

    def _run(self, speed: float) -> int:
        """Simulate one future, and return the number of the week in which it finishes.

        For a future that does not finish within the horizon, this is the week after the horizon.
        The number of remaining items never rises, so bisection finds the block in which it reaches
        0.
        """
        block = self._method.block
        first, most = self._drawn, math.ceil(HORIZON_WEEKS / block)
        self._draw_up_to(first + most)
        enough = self._sums[first] + (self._remaining - _NO_ITEM) / speed
        last = bisect(self._sums, enough, first + 1, first + most + 1)
        blocks = last - first - 1
        self._runs.append(_Run(speed, first, blocks))
        if blocks == most:
            self._drawn += most
            return HORIZON_WEEKS + 1
        self._drawn = last
        remaining = self._remaining - (self._sums[last - 1] - self._sums[first]) * speed
        return blocks * block + self._last_week(self._draws.drawn[last - 1], speed, remaining)

    def _draw_up_to(self, count: int) -> None:
        """Extend `_sums` so that it covers this number of draws."""
        missing = count + 1 - len(self._sums)
        if missing > 0:
            begins = self._draws.following(len(self._sums) - 1, max(missing, _DRAWS_AT_ONCE))
            fixed = map(self._fixed.__getitem__, begins)
            self._sums += accumulate(fixed, initial=self._sums.pop())

    def _last_week(self, begin: int, speed: float, remaining: float) -> int:
        """Return the week within a block, counted from 1, in which the last item is fixed."""
        for number in range(self._method.block):
            # Blocks wrap around from the last week to the first. Otherwise, the weeks at both ends
            # would be drawn less often.
            remaining -= self._weeks[(begin + number) % len(self._weeks)].fixed * speed
            if remaining < _NO_ITEM:
                return number + 1
        return self._method.block
