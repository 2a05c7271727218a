"""Forecast the finish date as a distribution, with simulations that resample past weeks.

The method is a bootstrap of whole weeks (Efron 1979). Weeks are drawn in blocks, so that bursts of
work stay together (Kuensch 1989). Agile teams use similar simulations to forecast from their
throughput (Vacanti, "Actionable Agile Metrics", 2015). If the pace is irregular, the forecast is
adjusted towards the usual duration of campaigns (reference class forecasting, Kahneman and Tversky
1979). docs/forecast.md describes the formulas and the accuracy on completed migrations.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import NamedTuple

from headway.progress.forecast_draws import blocks, draws, recency
from headway.progress.weekly_history import WEEK, History, Week

HORIZON_WEEKS = 260
"""The number of weeks after which simulations end."""

MINIMUM_WEEKS = 8
"""A forecast needs this many weeks of history."""

MINIMUM_FIXING_WEEKS = 4
"""A forecast needs this many weeks with at least one fix."""

SHARES = (0.05, 0.15, 0.25, 0.5, 0.75, 0.85, 0.95)
"""The probabilities for which a forecast gives dates."""

LOW, MIDDLE, HIGH = 0.15, 0.5, 0.85

PACE_WEEKS = 4
"""The observed pace is the average over this many weeks."""

YEAR_WEEKS = 52
"""The long-term pace is the average over this many weeks."""

_FAN_POINTS = 60
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
    """The weight of a week halves after this many weeks."""
    trust: float = 0.8
    """The weight of the observed pace, from 0 to 1, if each of the last `steady` weeks had a fix.

    The weight falls in proportion to the weeks without a fix.
    """
    steady: int = 26
    usual: float = 80
    """The number of weeks that the remaining items take if nothing else is known."""
    spread: float = 1.1
    """The standard deviation, over all simulated futures, of the logarithm of their speed."""


METHOD = Method()


class Quantile(NamedTuple):
    """The date by which a share of the simulated futures have finished."""

    share: float
    """From 0 to 1."""
    day: date | None
    """None if the date is after the horizon."""


class FanPoint(NamedTuple):
    """The 15%, 50% and 85% quantiles of the number of open items at the end of a day."""

    day: date
    low: int
    median: int
    high: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of the finish date."""

    open: int
    """Items that are open now."""
    reason: str | None
    """Why there is no forecast; None if there is one."""
    quantiles: tuple[Quantile, ...]
    """One quantile for each of `SHARES`; empty if there is no forecast."""
    chance: float | None
    """The probability of finishing by the due date, from 0 to 1; None if there is no due date or no
    forecast."""
    pace_seen: float
    """The average number of fixes per week in the last `PACE_WEEKS` weeks."""
    pace_year: float
    """The average number of fixes per week in the last `YEAR_WEEKS` weeks, or in all weeks if there
    are fewer."""
    pace_needed: float | None
    """The number of fixes per week needed to meet the due date, including fixes of future items.

    None if no due date is ahead, or if nothing remains to be fixed.
    """
    growth: float
    """The average growth of the scope, in items per week. Simulations do not continue this growth.
    """
    weeks: int
    """The number of weeks of history on which the forecast is based."""
    fixing_weeks: int
    """The number of weeks with at least one fix."""
    fan: tuple[FanPoint, ...]
    """The simulated open counts over time; empty without a forecast, or if `fan` was not requested.
    """

    def day(self, share: float) -> date | None:
        """Return the date by which a share of the simulated futures have finished.

        The share is one of `SHARES`. The result is None if there is no forecast or the date is
        after the horizon.
        """
        return next((quantile.day for quantile in self.quantiles if quantile.share == share), None)

    @property
    def p50(self) -> date | None:
        """The date by which half of the simulated futures have finished."""
        return self.day(MIDDLE)

    @property
    def p85(self) -> date | None:
        """The date by which 85% of the simulated futures have finished."""
        return self.day(HIGH)


# This function has more than 50 lines because its docstring explains every argument.
@lru_cache(maxsize=256)
def forecast(
    history: History,
    *,
    due: date | None = None,
    residual: int = 0,
    method: Method = METHOD,
    fan: bool = True,
) -> Forecast:
    """Forecast the date by which at most `residual` items are open.

    The same arguments always give the same forecast. Forecasts are cached, because pages and the
    digest need the same ones.

    Args:
        history: The weekly history.
        due: The due date (inclusive).
        residual: The number of open items at which the campaign counts as finished.
        method: Parameters of the simulation.
        fan: Whether to compute the fan, which nearly doubles the time.
    """
    weeks = history.weeks
    year = weeks[-YEAR_WEEKS:]
    today, open_now = history.last, history.open
    fixing = sum(1 for week in weeks if week.fixed)
    pace_seen = sum(week.fixed for week in weeks[-PACE_WEEKS:]) / PACE_WEEKS
    growth = sum(week.scope for week in weeks) / len(weeks) if weeks else 0.0
    quantiles: tuple[Quantile, ...] = ()
    chance: float | None = None
    points: tuple[FanPoint, ...] = ()
    done = open_now <= residual
    reason = None if done else _too_little(len(weeks), fixing)
    if done:
        quantiles = tuple(Quantile(share, today) for share in SHARES)
        chance = 1.0 if due is not None else None
    elif reason is None:
        futures = _Futures(history, residual, method)
        quantiles = tuple(Quantile(share, futures.day(share)) for share in SHARES)
        points = futures.fan() if fan else ()
        chance = futures.share_by((due - today).days / 7) if due is not None else None
    return Forecast(
        open=open_now,
        reason=reason,
        quantiles=quantiles,
        chance=chance,
        pace_seen=pace_seen,
        pace_year=sum(week.fixed for week in year) / len(year) if year else 0.0,
        pace_needed=_pace_needed(weeks, open_now - residual, today, due),
        growth=growth,
        weeks=len(weeks),
        fixing_weeks=fixing,
        fan=points,
    )


def quantile_weeks(
    history: History, residual: int, method: Method, shares: Sequence[float]
) -> tuple[float, ...]:
    """Return the weeks up to the finish at each share; empty if there is no forecast.

    Weeks after the horizon are infinite.
    """
    fixing = sum(1 for week in history.weeks if week.fixed)
    if _too_little(len(history.weeks), fixing):
        return ()
    futures = _Futures(history, residual, method)
    return tuple(math.inf if (week := futures.week(s)) is None else week for s in shares)


def _too_little(weeks: int, fixing: int) -> str | None:
    if weeks < MINIMUM_WEEKS:
        return f"not enough history: {weeks} of {MINIMUM_WEEKS} weeks"
    if fixing < MINIMUM_FIXING_WEEKS:
        return f"not enough history: {fixing} of {MINIMUM_FIXING_WEEKS} weeks with fixes"
    return None


def _pace_needed(
    weeks: Sequence[Week], remaining: int, today: date, due: date | None
) -> float | None:
    """Return the fixes per week needed to meet the due date, including fixes of future items."""
    if due is None or due <= today or remaining <= 0:
        return None
    opened = sum(week.opened for week in weeks) / len(weeks) if weeks else 0.0
    return remaining / ((due - today).days / 7) + opened


class _Run(NamedTuple):
    """One simulated future."""

    speed: float
    """The pace of this future, as a multiple of the observed pace."""
    first: int
    """The number of this future's first draw."""
    blocks: int
    """The number of blocks before the block in which this future finishes, or up to the horizon."""


class _Futures:
    """The simulated futures of one history."""

    def __init__(self, history: History, residual: int, method: Method) -> None:
        self._today = history.last
        self._open = history.open
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
        """Return the week by whose end this share of the simulated futures have finished.

        The result is None if the week is after the horizon.
        """
        end = self._ends[math.ceil(share * len(self._ends)) - 1]
        return None if end > HORIZON_WEEKS else end

    def day(self, share: float) -> date | None:
        """Return the day by which a share of the simulated futures have finished.

        The result is None if the day is after the horizon.
        """
        week = self.week(share)
        return None if week is None else self._today + WEEK * week

    def share_by(self, weeks: float) -> float:
        """Return the share of the simulated futures that have finished after this number of weeks.

        Simulated futures that reach the horizon count as unfinished.
        """
        return bisect(self._ends, min(weeks, HORIZON_WEEKS)) / len(self._ends)

    def fan(self) -> tuple[FanPoint, ...]:
        """Return the fan's points, at most about 60, until 85% of the simulations finish."""
        last = self.week(HIGH) or self.week(MIDDLE) or HORIZON_WEEKS
        blocks = math.ceil(last / self._method.block)
        step = max(math.ceil(blocks / _FAN_POINTS), 1)
        points = [FanPoint(self._today, self._open, self._open, self._open)]
        for block in range(step, blocks + step, step):
            counts = sorted(self._open_after(block))
            low, median, high = (
                round(counts[math.ceil(share * len(counts)) - 1]) for share in (LOW, MIDDLE, HIGH)
            )
            day = self._today + WEEK * (block * self._method.block)
            points.append(FanPoint(day, low, median, high))
        return tuple(points)

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

    def _open_after(self, blocks: int) -> list[float]:
        """Return the number of open items in each simulated future after this number of blocks."""
        sums, residual = self._sums, self._open - self._remaining
        return [
            residual + self._remaining - (sums[run.first + blocks] - sums[run.first]) * run.speed
            if blocks <= run.blocks
            else 0.0
            for run in self._runs
        ]

    def _last_week(self, begin: int, speed: float, remaining: float) -> int:
        """Return the week within a block, counted from 1, in which the last item is fixed."""
        for number in range(self._method.block):
            # Blocks wrap around from the last week to the first. Otherwise, the weeks at both ends
            # would be drawn less often.
            remaining -= self._weeks[(begin + number) % len(self._weeks)].fixed * speed
            if remaining < _NO_ITEM:
                return number + 1
        return self._method.block
