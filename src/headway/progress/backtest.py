"""How well forecasts would have done: a campaign that is over, told again week by week.

At the end of each past week a forecast is made from that week and those before it, and nothing
else; then it is compared with the day on which the campaign really was over. Beside it stand the
two straight lines that people draw through a burndown by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from statistics import median
from typing import NamedTuple

from headway.progress.forecast import HIGH, LOW, MIDDLE, Forecast, forecast
from headway.progress.weekly_history import WEEK, History

QUARTERS = (0.25, 0.5, 0.75, 1.0)

Forecaster = Callable[[History, int], Forecast]


class Judgement(NamedTuple):
    """What was said at the end of one week, and what came of it; days, and weeks from `day` on.

    done: share, 0 to 1, of all that was ever fixed until the finish. finish: weeks until it really
    was over. low, middle, high: by when it ends with 15, 50 and 85 % chance; infinite beyond the
    horizon. average, least_squares: where the straight lines end; infinite when they never do.
    """

    day: date
    open: int
    done: float
    finish: int
    low: float
    middle: float
    high: float
    average: float
    least_squares: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """A campaign that is over. finish: the last day of the first week with at most `residual`
    items open. weeks: how many there were until then; those with too little history to say
    anything have no judgement.
    """

    residual: int
    finish: date
    weeks: int
    judgements: tuple[Judgement, ...]


class Score(NamedTuple):
    """Judgements summed up; shares are of the weeks, 0 to 1, errors are in weeks.

    middle_held, high_held: the finish was on the stated day or before. in_band: and not before the
    stated 15 %. open_ended: no 85 % day within the horizon, which counts as held. given_held: as
    high_held, of those weeks alone that have such a day; None when none has. error: median distance
    of the 50 % day from the finish; average, least_squares: the same of the straight lines;
    infinite when more than half of them end nowhere.
    """

    weeks: int
    middle_held: float
    high_held: float
    in_band: float
    open_ended: float
    given_held: float | None
    error: float
    average: float
    least_squares: float


def backtest(
    history: History,
    *,
    residual: int = 0,
    forecaster: Forecaster | None = None,
    every: int = 1,
) -> Backtest | None:
    """Tells a history again up to its finish; None when more than `residual` items are open yet.

    every: a forecast in each week, or in each second and so on.
    """
    weeks = history.weeks
    ends = next((number for number, week in enumerate(weeks, 1) if week.open <= residual), None)
    if ends is None or history.open > residual:
        return None
    # a forecast rests on the sum of all repositories
    history = History(history.last, (weeks,), (sum(history.before),))
    says = forecaster or _default
    return Backtest(
        residual=residual,
        finish=history.last - WEEK * (len(weeks) - ends),
        weeks=ends,
        judgements=tuple(_judgements(history, range(1, ends, every), ends, residual, says)),
    )


def score(judgements: Sequence[Judgement]) -> Score | None:
    """None when there is nothing to sum up."""
    if not judgements:
        return None
    count = len(judgements)
    given = [each for each in judgements if not math.isinf(each.high)]
    return Score(
        weeks=count,
        middle_held=sum(each.finish <= each.middle for each in judgements) / count,
        high_held=sum(each.finish <= each.high for each in judgements) / count,
        in_band=sum(each.low <= each.finish <= each.high for each in judgements) / count,
        open_ended=sum(math.isinf(each.high) for each in judgements) / count,
        given_held=sum(each.finish <= each.high for each in given) / len(given) if given else None,
        error=median(abs(each.middle - each.finish) for each in judgements),
        average=median(abs(each.average - each.finish) for each in judgements),
        least_squares=median(abs(each.least_squares - each.finish) for each in judgements),
    )


def by_quarter(judgements: Iterable[Judgement]) -> dict[float, tuple[Judgement, ...]]:
    """Judgements by the quarter of the work that was done: up to 0.25, 0.5, 0.75 and 1."""
    found: dict[float, list[Judgement]] = {quarter: [] for quarter in QUARTERS}
    for each in judgements:
        found[next(quarter for quarter in QUARTERS if each.done <= quarter)].append(each)
    return {quarter: tuple(its) for quarter, its in found.items()}


def average_line(history: History, residual: int) -> float:
    """Weeks until a line from the first open count through today's is down at the residual."""
    weeks = history.weeks
    fallen = sum(history.before) - history.open
    return (history.open - residual) / fallen * len(weeks) if fallen > 0 else math.inf


def least_squares_line(history: History, residual: int) -> float:
    """Weeks until the line of least squares through all open counts is down at the residual.

    0 when the line says that it should have been over.
    """
    counts = [sum(history.before), *(week.open for week in history.weeks)]
    middle, mean = (len(counts) - 1) / 2, sum(counts) / len(counts)
    square = sum((place - middle) ** 2 for place in range(len(counts)))
    together = sum((place - middle) * (open_) for place, open_ in enumerate(counts))
    if not square or together >= 0:
        return math.inf
    slope = together / square
    return max((residual - mean) / slope + middle - (len(counts) - 1), 0.0)


def _default(history: History, residual: int) -> Forecast:
    return forecast(history, residual=residual, fan=False)


def _judgements(
    history: History, numbers: Iterable[int], ends: int, residual: int, says: Forecaster
) -> Iterator[Judgement]:
    fixed = list(accumulate(week.fixed for week in history.weeks[:ends]))
    for number in numbers:
        known = history.until(number)
        said = says(known, residual)
        if said.reason is not None:
            continue
        yield Judgement(
            day=known.last,
            open=known.open,
            done=fixed[number - 1] / fixed[-1] if fixed[-1] else 0.0,
            finish=ends - number,
            low=_weeks_to(said, known.last, LOW),
            middle=_weeks_to(said, known.last, MIDDLE),
            high=_weeks_to(said, known.last, HIGH),
            average=average_line(known, residual),
            least_squares=least_squares_line(known, residual),
        )


def _weeks_to(said: Forecast, today: date, share: float) -> float:
    day = said.day(share)
    return math.inf if day is None else (day - today) / WEEK
