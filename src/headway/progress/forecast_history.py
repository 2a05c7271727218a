"""What the forecast of a campaign said earlier, and which of the days that it named have passed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from headway.progress.backtest import Judgement, backtest
from headway.progress.forecast import forecast
from headway.progress.weekly_history import WEEK, History

MOST = 52
"""Of a campaign that is over, from its first week to its last."""

_WEEKS = 52
_EVERY = 2
"""Of one that goes on: the last year, every other week."""


class PastForecast(NamedTuple):
    """What was said on one day: by when it ends with 50 and 85 % chance.

    middle, high: None beyond the horizon.
    """

    day: date
    middle: date | None
    high: date | None


@dataclass(frozen=True, slots=True)
class Record:
    """finish: the last day of the first week with nothing open; None while something is.

    told: oldest first; days with too little history to say anything are left out.
    """

    finish: date | None
    told: tuple[PastForecast, ...]

    def passed(self, today: date) -> tuple[int, int]:
        """How many of the 50 % and of the 85 % days passed before it was over."""
        end = self.finish or today
        middles = sum(each.middle is not None and each.middle < end for each in self.told)
        highs = sum(each.high is not None and each.high < end for each in self.told)
        return middles, highs


def record(history: History) -> Record:
    """What would have been said in past weeks, from what was known by then alone."""
    over = backtest(history, every=max(math.ceil(len(history.weeks) / MOST), 1))
    if over is not None:
        return Record(over.finish, tuple(_judged(each) for each in over.judgements))
    return Record(None, tuple(_again(history)))


def _judged(each: Judgement) -> PastForecast:
    return PastForecast(each.day, _day(each.day, each.middle), _day(each.day, each.high))


def _day(day: date, weeks: float) -> date | None:
    return None if math.isinf(weeks) else day + WEEK * weeks


def _again(history: History) -> Iterator[PastForecast]:
    weeks = history.weeks
    # a forecast rests on the sum of all repositories
    whole = History(history.last, (weeks,), (sum(history.before),))
    last = len(weeks)
    first = max(last - _WEEKS, 1 + (last - 1) % _EVERY)
    for number in range(first, last + 1, _EVERY):
        known = whole.until(number)
        said = forecast(known, fan=False)
        if said.reason is None and known.open:
            yield PastForecast(known.last, said.p50, said.p85)
