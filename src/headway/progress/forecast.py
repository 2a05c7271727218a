"""When it ends, as a distribution: past weeks, drawn again and again, carry what is open forward.

The method is a bootstrap of whole weeks (Efron 1979; in blocks, so that bursts stay bursts:
Kuensch 1989), as teams forecast from their throughput (Vacanti, "Actionable Agile Metrics", 2015),
with a pace that came in bursts drawn towards what such campaigns usually take (the reference class
of Kahneman and Tversky, 1979).
docs/forecast.md has the formulas, and how well it did on migrations that are over.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import NamedTuple

from headway.progress.weekly_history import WEEK, History, Week

HORIZON_WEEKS = 260
MINIMUM_WEEKS = 8
MINIMUM_FIXING_WEEKS = 4
SHARES = (0.05, 0.15, 0.25, 0.5, 0.75, 0.85, 0.95)
LOW, MIDDLE, HIGH = 0.15, 0.5, 0.85
PACE_WEEKS = 4
_FAN_POINTS = 60
_DRAWS_AT_ONCE = 1_000
_NORMAL = NormalDist()
# less than half an item is none
_NOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Method:
    """What was settled by looking at finished migrations; see docs/forecast.md.

    paths: how many futures. block: weeks drawn in one piece. half_life: after so many weeks a week
    counts half. trust: in the pace seen when something was fixed in each of the last `steady`
    weeks, 0 to 1; less in proportion when it was not. usual: weeks that the rest takes when nothing
    else is known. spread: standard deviation of the logarithm of how much faster or slower a whole
    future is than that.
    """

    paths: int = 200
    block: int = 4
    half_life: float = 104
    trust: float = 0.8
    steady: int = 26
    usual: float = 80
    spread: float = 1.1


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


@lru_cache(maxsize=256)
def forecast(
    history: History,
    *,
    due: date | None = None,
    residual: int = 0,
    method: Method = METHOD,
    fan: bool = True,
) -> Forecast:
    """From whole weeks to the days by which at most `residual` items are open.

    fan: whether to give that, too, which costs most of the rest once more.

    Deterministic: the same history gives the same answer, and is not simulated twice: pages and
    what they say of the week ask the same.
    """
    weeks = history.weeks
    today, open_now = history.last, history.open
    fixing = sum(1 for week in weeks if week.fixed)
    seen = sum(week.fixed for week in weeks[-PACE_WEEKS:]) / PACE_WEEKS
    growth = sum(week.scope for week in weeks) / len(weeks) if weeks else 0.0
    reason = None
    quantiles: tuple[Quantile, ...] = ()
    chance = None
    points: tuple[FanPoint, ...] = ()
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
            points = futures.fan() if fan else ()
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
        fan=points,
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


class _Run(NamedTuple):
    """One future: so many times the pace seen, from the draw with number `first` on.

    blocks: how many of them pass before the one in which it ends, or before the horizon.
    """

    faster: float
    first: int
    blocks: int


class _Futures:
    """All simulated futures of one history."""

    def __init__(self, history: History, residual: int, method: Method) -> None:
        self._today = history.last
        self._open = history.open
        self._method = method
        self._weeks = history.weeks
        self._left = history.open - residual
        self._recency = _recency(len(self._weeks), method.half_life)
        self._fixed = _blocks([week.fixed for week in self._weeks], method.block)
        self._draws = _draws(len(self._weeks), method.half_life)
        #: what is fixed in all blocks before the draw with this number, at the pace seen
        self._sums = [0]
        self._drawn = 0
        self._runs: list[_Run] = []
        centre = self._centre()
        ends = []
        for number in range(method.paths):
            # evenly over the distribution: as good as many more draws by chance
            place = _NORMAL.inv_cdf((number + 0.5) / method.paths)
            ends.append(self._run(math.exp(centre + method.spread * place)))
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
            counts = sorted(self._open_after(block))
            low, median, high = (
                round(counts[math.ceil(share * len(counts)) - 1]) for share in (LOW, MIDDLE, HIGH)
            )
            day = self._today + WEEK * (block * self._method.block)
            points.append(FanPoint(day, low, median, high))
        return tuple(points)

    def _centre(self) -> float:
        """Logarithm of how much faster the middle future is than the weeks that were seen.

        It takes seen ** trusted * usual ** (1 - trusted) weeks, where `seen` are those that what is
        left takes at the pace seen.
        """
        counted = [after - before for before, after in pairwise((0.0, *self._recency))]
        fixed = sum(share * week.fixed for share, week in zip(counted, self._weeks, strict=True))
        seen = self._left / (fixed / self._recency[-1])
        lately = self._weeks[-self._method.steady :]
        regular = sum(1 for week in lately if week.fixed) / len(lately)
        trusted = self._method.trust * regular
        return (1 - trusted) * math.log(seen / self._method.usual)

    def _run(self, faster: float) -> int:
        """One future; the week in which it ends, or one beyond the horizon.

        What is left falls with every block or stays, so that the block in which less than an item
        is left need not be looked for one by one.
        """
        block = self._method.block
        first, most = self._drawn, math.ceil(HORIZON_WEEKS / block)
        self._draw_up_to(first + most)
        enough = self._sums[first] + (self._left - _NOTHING) / faster
        last = bisect(self._sums, enough, first + 1, first + most + 1)
        blocks = last - first - 1
        self._runs.append(_Run(faster, first, blocks))
        if blocks == most:
            self._drawn += most
            return HORIZON_WEEKS + 1
        self._drawn = last
        left = self._left - (self._sums[last - 1] - self._sums[first]) * faster
        return blocks * block + self._last_week(self._draws.drawn[last - 1], faster, left)

    def _draw_up_to(self, count: int) -> None:
        """So that `_sums` tells of so many draws."""
        missing = count + 1 - len(self._sums)
        if missing > 0:
            begins = self._draws.following(len(self._sums) - 1, max(missing, _DRAWS_AT_ONCE))
            fixed = map(self._fixed.__getitem__, begins)
            self._sums += accumulate(fixed, initial=self._sums.pop())

    def _open_after(self, blocks: int) -> list[float]:
        """What is open in each future after so many blocks."""
        sums, left, kept = self._sums, self._left, self._open - self._left
        return [
            kept + left - (sums[run.first + blocks] - sums[run.first]) * run.faster
            if blocks <= run.blocks
            else 0.0
            for run in self._runs
        ]

    def _last_week(self, begin: int, faster: float, left: float) -> int:
        """In which week of a block, from 1, the last item goes."""
        for number in range(self._method.block):
            # the last weeks wrap around to the first, so that every week is drawn as often
            left -= self._weeks[(begin + number) % len(self._weeks)].fixed * faster
            if left < _NOTHING:
                return number + 1
        return self._method.block


class _Draws:
    """Weeks drawn by chance, the later ones more often; whoever asks first has them drawn."""

    def __init__(self, recency: Sequence[float]) -> None:
        self._recency = recency
        self._random = random.Random(len(recency))  # noqa: S311 - a simulation
        self.drawn: list[int] = []

    def following(self, start: int, count: int) -> list[int]:
        """The positions of so many weeks, from the draw with this number on."""
        draw, recency, whole = self._random.random, self._recency, self._recency[-1]
        missing = start + count - len(self.drawn)
        self.drawn += [bisect(recency, draw() * whole) for _ in range(missing)]
        return self.drawn[start : start + count]


@lru_cache(maxsize=64)
def _draws(count: int, half_life: float) -> _Draws:
    """The same draws for histories of one length: what differs is then the history alone."""
    return _Draws(_recency(count, half_life))


def _recency(count: int, half_life: float) -> list[float]:
    """Running totals of how much each week counts, the oldest first."""
    return list(accumulate(0.5 ** ((count - 1 - place) / half_life) for place in range(count)))


def _blocks(counts: Sequence[int], length: int) -> list[int]:
    """For each week the sum of the `length` weeks that begin with it; the end wraps around."""
    return [
        sum(counts[(begin + number) % len(counts)] for number in range(length))
        for begin in range(len(counts))
    ]
