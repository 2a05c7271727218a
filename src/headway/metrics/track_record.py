"""How well the forecasts of a campaign would have done, now that it is over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from headway.errors import HeadwayError
from headway.metrics.campaign_forecast import weekly_entries
from headway.metrics.campaign_view import campaign_view
from headway.model.campaign import Campaign
from headway.model.store_records import LedgerEntry
from headway.progress.backtest import Backtest, Judgement, backtest, by_quarter, score
from headway.progress.weekly_history import WEEK, History, history_of
from headway.store.store_reader import Store

NEARLY_OVER = 0.05
"""The share of the most items ever open that may be left in a campaign that counts as over."""


@dataclass(frozen=True, slots=True)
class TrackRecordPart:
    """The weeks in which up to the share `done` of the work was done, from the quarter before on;
    all weeks when it is None.

    p50_held, p85_held: share of the weeks, 0 to 1, in which the real finish was on the stated day
    or before it; a day beyond the horizon counts as held. in_band: and not before the 15 % day.
    error: median distance of the 50 % day from the finish, in weeks; average_error,
    least_squares_error: the same of the straight lines; None when more than half end nowhere.
    """

    done: float | None
    weeks: int
    p50_held: float
    p85_held: float
    in_band: float
    error: float | None
    average_error: float | None
    least_squares_error: float | None


@dataclass(frozen=True, slots=True)
class TrackRecordWeek:
    """What would have been said on one past day, `today`.

    done: share of the work, 0 to 1. p15, p50, p85, average, least_squares: the stated days; None
    beyond the horizon, or when a line never ends.
    """

    today: date
    open: int
    done: float
    p15: date | None
    p50: date | None
    p85: date | None
    average: date | None
    least_squares: date | None


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """A campaign, or what one team has of it, that is over, told again week by week.

    finished: the last day of the first week with at most `residual` items open. weeks: how many
    there were until then. judged: in how many of them there was enough history for a forecast.
    whole: all of those together; None when there is none. quarters: by the work done.
    """

    campaign: str
    team: str | None
    finished: date
    residual: int
    weeks: int
    judged: int
    whole: TrackRecordPart | None
    quarters: tuple[TrackRecordPart, ...]
    points: tuple[TrackRecordWeek, ...]


class NotOverError(HeadwayError):
    """Forecasts can be judged by a finish alone."""

    def __init__(self, campaign: str, left: int) -> None:
        items = f"{left} item is" if left == 1 else f"{left} items are"
        super().__init__(
            f"{campaign} is not over: {items} open, and forecasts are judged by a finish; "
            f"say --residual {left} to take it for over with so many left."
        )


class NeverBegunError(HeadwayError):
    """Nothing ever was open."""

    def __init__(self, campaign: str, team: str | None) -> None:
        who = f"{team} never had anything" if team else "there never was an item"
        super().__init__(f"{who} in {campaign}, so that there is nothing to tell again.")


def track_record(
    store: Store,
    campaign: Campaign,
    *,
    today: date,
    team: str | None = None,
    residual: int | None = None,
) -> TrackRecord:
    """The record of a campaign, or of what one team has of it.

    residual: items that may be left; None for none, or for those that are when they are few.
    Raises `NotOverError`, `NeverBegunError`.
    """
    view = campaign_view(store, campaign, today)
    movements = (each for each in weekly_entries(store, view) if team in (None, each.team))
    history = _history(movements, view.first_day, today)
    most = max((sum(history.before), *(week.open for week in history.weeks)))
    if not most:
        raise NeverBegunError(campaign.id, team)
    if residual is None:
        residual = history.open if history.open <= most * NEARLY_OVER else 0
    told = backtest(history, residual=residual)
    if told is None:
        raise NotOverError(campaign.id, history.open)
    return _record(campaign.id, team, told)


def _history(movements: Iterable[LedgerEntry], first: date, today: date) -> History:
    return history_of(
        ((each.repository, each.day, each.movement) for each in movements), first, today
    )


def _record(campaign: str, team: str | None, told: Backtest) -> TrackRecord:
    parted = by_quarter(told.judgements)
    quarters = (_part(quarter, its) for quarter, its in parted.items())
    return TrackRecord(
        campaign=campaign,
        team=team,
        finished=told.finish,
        residual=told.residual,
        weeks=told.weeks,
        judged=len(told.judgements),
        whole=_part(None, told.judgements),
        quarters=tuple(part for part in quarters if part is not None),
        points=tuple(_point(each) for each in told.judgements),
    )


def _part(done: float | None, judgements: Sequence[Judgement]) -> TrackRecordPart | None:
    found = score(judgements)
    if found is None:
        return None
    return TrackRecordPart(
        done=done,
        weeks=found.weeks,
        p50_held=found.middle_held,
        p85_held=found.high_held,
        in_band=found.in_band,
        error=_finite(found.error),
        average_error=_finite(found.average),
        least_squares_error=_finite(found.least_squares),
    )


def _finite(weeks: float) -> float | None:
    return None if math.isinf(weeks) else weeks


def _point(each: Judgement) -> TrackRecordWeek:
    return TrackRecordWeek(
        today=each.day,
        open=each.open,
        done=each.done,
        p15=_day(each, each.low),
        p50=_day(each, each.middle),
        p85=_day(each, each.high),
        average=_day(each, each.average),
        least_squares=_day(each, each.least_squares),
    )


def _day(each: Judgement, weeks: float) -> date | None:
    """The day after so many weeks; None when there is none in any calendar."""
    return each.day + WEEK * weeks if weeks < (date.max - each.day) / WEEK else None
