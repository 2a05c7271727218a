"""When it ends, as a distribution: past weeks, drawn again and again, carry what is open forward.

The method is a bootstrap of whole weeks (Efron 1979; in blocks, so that bursts stay bursts:
Kuensch 1989), as teams forecast from their throughput (Vacanti, "Actionable Agile Metrics", 2015).
docs/forecast.md says how well it did on migrations that are over.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from headway.progress.weeks import WEEK, History, Week

HORIZON_WEEKS = 260
MINIMUM_WEEKS = 8
MINIMUM_FIXING_WEEKS = 4
SHARES = (0.05, 0.15, 0.25, 0.5, 0.75, 0.85, 0.95)
LOW, MIDDLE, HIGH = 0.15, 0.5, 0.85
_PACE_WEEKS = 4
_FAN_POINTS = 60


@dataclass(frozen=True, slots=True)
class Method:
    """What was settled by looking at finished migrations; see docs/forecast.md.

    paths: how many futures. block: weeks drawn in one piece. half_lives: after so many weeks a
    week counts half; a path uses one of them. shrinking: the exponent by which fixes become rarer
    as less is left, 0 (never) to 1 (in proportion); a path uses one of them. spread: standard
    deviation of the logarithm of how much faster or slower a whole future is than the past.
    """

    paths: int = 200
    block: int = 4
    half_lives: tuple[float, ...] = (26, 104)
    shrinking: tuple[float, ...] = (0.0, 0.25)
    spread: float = 1.2


METHOD = Method()


class Quantile(NamedTuple):
    """share: of all futures, 0 to 1, that end by `day`; None when not within the horizon."""

    share: float
    day: date | None


class FanPoint(NamedTuple):
    """Open items at the end of a day: 15 %, 50 % and 85 % of the futures have at most so many."""

    day: date
    low: int
    median: int
    high: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What can be said about the end.

    reason: why nothing can be said; None when something can. chance: of ending by the due date,
    0 to 1. pace_seen: fixed a week over the last four; pace_needed: what the due date takes, new
    items included; None without a due date ahead. growth: by how much a week the scope has grown
    since the first week; it is not carried forward. weeks: how many it rests on; fixing_weeks: in
    how many of them something was fixed.
    """

    open: int
    reason: str | None
    quantiles: tuple[Quantile, ...]
    chance: float | None
    pace_seen: float
    pace_needed: float | None
    growth: float
    weeks: int
    fixing_weeks: int
    fan: tuple[FanPoint, ...]

    def day(self, share: float) -> date | None:
        """By when it ends with that chance; None when nothing can be said, or not in time."""
        return next((each.day for each in self.quantiles if each.share == share), None)

    @property
    def p50(self) -> date | None:
        """As likely as not it ends by this day."""
        return self.day(MIDDLE)

    @property
    def p85(self) -> date | None:
        """It ends by this day in 85 of 100 futures."""
        return self.day(HIGH)


def forecast(
    history: History, *, due: date | None = None, residual: int = 0, method: Method = METHOD
) -> Forecast:
    """From whole weeks to the days by which at most `residual` items are open.

    Deterministic: the same history gives the same answer.
    """
    weeks = history.weeks
    today, open_now = history.last, history.open
    fixing = sum(1 for week in weeks if week.fixed)
    seen = sum(week.fixed for week in weeks[-_PACE_WEEKS:]) / _PACE_WEEKS
    growth = sum(week.scope for week in weeks) / len(weeks) if weeks else 0.0
    reason = None
    quantiles: tuple[Quantile, ...] = ()
    chance = None
    fan: tuple[FanPoint, ...] = ()
    if open_now <= residual:
        quantiles = tuple(Quantile(share, today) for share in SHARES)
        chance = 1.0 if due is not None else None
    else:
        reason = _too_little(len(weeks), fixing)
        if reason is None:
            futures = _Futures(history, residual, method)
            quantiles = tuple(
                Quantile(share, None if week is None else today + WEEK * week)
                for share, week in zip(SHARES, map(futures.week, SHARES), strict=True)
            )
            fan = futures.fan()
            if due is not None:
                chance = futures.share_by((due - today).days / 7)
    return Forecast(
        open=open_now,
        reason=reason,
        quantiles=quantiles,
        chance=chance,
        pace_seen=seen,
        pace_needed=_pace_needed(weeks, open_now - residual, today, due),
        growth=growth,
        weeks=len(weeks),
        fixing_weeks=fixing,
        fan=fan,
    )


def _too_little(weeks: int, fixing: int) -> str | None:
    if weeks < MINIMUM_WEEKS:
        return f"not enough history: {weeks} of {MINIMUM_WEEKS} weeks"
    if fixing < MINIMUM_FIXING_WEEKS:
        return (
            f"not enough history: something was fixed in {fixing} weeks, "
            f"and {MINIMUM_FIXING_WEEKS} are needed"
        )
    return None


def _pace_needed(weeks: Sequence[Week], left: int, today: date, due: date | None) -> float | None:
    """Items to fix a week until the due date, those that are still to come included."""
    if due is None or due <= today or left <= 0:
        return None
    opened = sum(week.opened for week in weeks) / len(weeks) if weeks else 0.0
    return left / ((due - today).days / 7) + opened


class _Futures:
    """All simulated futures of one history."""

    def __init__(self, history: History, residual: int, method: Method) -> None:
        self._today = history.last
        self._open = history.open
        self._method = method
        self._weeks = history.weeks
        self._residual = residual
        # the same draws for histories of one length: what differs is then the history alone
        self._random = random.Random(len(self._weeks))  # noqa: S311 - a simulation
        combinations = [
            (half_life, exponent)
            for half_life in method.half_lives
            for exponent in method.shrinking
        ]
        weights = {life: _weights(len(self._weeks), life) for life in method.half_lives}
        rates = {exponent: _rates(self._weeks, history, exponent) for exponent in method.shrinking}
        #: open items of each future at the end of each block
        self._tracks: list[list[float]] = []
        ends = []
        for number in range(method.paths):
            half_life, exponent = combinations[number % len(combinations)]
            ends.append(self._run(weights[half_life], rates[exponent], exponent))
        self._ends = sorted(ends)

    def week(self, share: float) -> int | None:
        """The week by whose end that share of the futures has ended; None beyond the horizon."""
        end = self._ends[math.ceil(share * len(self._ends)) - 1]
        return None if end > HORIZON_WEEKS else end

    def share_by(self, weeks: float) -> float:
        """Share of the futures that have ended after so many weeks; none after the horizon."""
        return bisect(self._ends, min(weeks, HORIZON_WEEKS)) / len(self._ends)

    def fan(self) -> tuple[FanPoint, ...]:
        """From today until the slower futures have ended, at most some sixty points."""
        last = self.week(HIGH) or self.week(MIDDLE) or HORIZON_WEEKS
        blocks = math.ceil(last / self._method.block)
        step = max(math.ceil(blocks / _FAN_POINTS), 1)
        points = [FanPoint(self._today, self._open, self._open, self._open)]
        for block in range(step, blocks + step, step):
            counts = sorted(
                track[block - 1] if block <= len(track) else 0.0 for track in self._tracks
            )
            low, median, high = (
                round(counts[math.ceil(share * len(counts)) - 1]) for share in (LOW, MIDDLE, HIGH)
            )
            day = self._today + WEEK * (block * self._method.block)
            points.append(FanPoint(day, low, median, high))
        return tuple(points)

    def _run(self, weights: Sequence[float], rates: Sequence[float], exponent: float) -> int:
        """One future; the week in which it ends, or one beyond the horizon."""
        draw, whole, block = self._random.random, weights[-1], self._method.block
        faster = math.exp(self._random.gauss(0, self._method.spread))
        held, week, last = float(self._open), 0, len(rates)
        track: list[float] = []
        self._tracks.append(track)
        while week < HORIZON_WEEKS:
            begin = bisect(weights, draw() * whole)
            # the last weeks wrap around to the first, so that every week is drawn as often
            for place in range(begin, begin + block):
                number = place % last
                week += 1
                held += self._weeks[number].opened
                rate = rates[number]
                if rate:
                    held -= rate * faster * (held**exponent if exponent else 1.0)
                    if held < self._residual + 0.5:
                        return week
            track.append(held)
        return HORIZON_WEEKS + 1


def _weights(count: int, half_life: float) -> list[float]:
    """Running totals of how much each week counts, the oldest first."""
    return list(accumulate(0.5 ** ((count - 1 - place) / half_life) for place in range(count)))


def _rates(weeks: Sequence[Week], history: History, exponent: float) -> list[float]:
    """Fixes of each week by the power of what there was to fix."""
    before = sum(history.before)
    rates = []
    for week in weeks:
        rates.append(week.fixed / max(before + week.opened, 1) ** exponent)
        before = week.open
    return rates
