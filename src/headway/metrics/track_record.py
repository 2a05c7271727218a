"""The accuracy of a finished campaign's forecasts, week by week."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headway.errors import HeadwayError
from headway.metrics.campaign_view import campaign_view
from headway.metrics.weekly_ledger import weekly_ledger
from headway.model.campaign import Campaign
from headway.progress.backtest import Backtest, Judgement, backtest, by_quarter, score
from headway.progress.weekly_history import WEEK
from headway.store.store_reader import Store

NEARLY_FINISHED = 0.05
"""A campaign counts as finished if its open count is at most this share of the peak."""


@dataclass(frozen=True, slots=True)
class TrackRecordPart:
    """The accuracy of the forecasts made in a quarter of a campaign, or in the whole campaign."""

    done: float | None
    """The upper limit of the quarter, as a share of all fixes from 0 to 1, or None for the whole
    campaign.
    """
    weeks: int
    p50_held: float
    """The share of weekly forecasts whose 50% date was on or after the actual finish, or after the
    horizon, from 0 to 1.
    """
    p85_held: float
    """The share of weekly forecasts whose 85% date was on or after the actual finish, or after the
    horizon, from 0 to 1.
    """
    in_band: float
    """The share of weekly forecasts whose 15% to 85% range contained the actual finish, from 0 to
    1.
    """
    error: float | None
    """The median error of the 50% date, in weeks, or None if at least half of the dates were after
    the horizon.
    """
    average_error: float | None
    """The median error of a finish date that assumes the average pace, in weeks, or None if at
    least half of the weeks have no such date.
    """
    least_squares_error: float | None
    """The median error of a finish date from a least-squares line, in weeks, or None if at least
    half of the weeks have no such date.
    """


@dataclass(frozen=True, slots=True)
class TrackRecordWeek:
    """A forecast as of a past day, based only on the history up to that day."""

    today: date
    """The day of the forecast."""
    open: int
    done: float
    """The share of all fixes made by the end of `today`, from 0 to 1."""
    p15: date | None
    """The date by which the campaign was 15% likely to finish, or None if that date was after the
    horizon.
    """
    p50: date | None
    """The date by which the campaign was 50% likely to finish, or None if that date was after the
    horizon.
    """
    p85: date | None
    """The date by which the campaign was 85% likely to finish, or None if that date was after the
    horizon.
    """
    average: date | None
    """The finish date if the average pace continues, or None if the number of open items would not
    fall.
    """
    least_squares: date | None
    """The finish date from a least-squares line, or None if the line does not fall."""


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Past forecasts of a finished campaign, or of one team's part, and their accuracy."""

    campaign: str
    team: str | None
    finished: date
    """The last day of the first week with at most `residual` open items."""
    residual: int
    """The number of open items at which the campaign counts as finished."""
    weeks: int
    """The number of weeks from the first day to the finish."""
    judged: int
    """The number of weeks for which a forecast was made."""
    whole: TrackRecordPart | None
    """The accuracy of all forecasts together, or None if none were made."""
    quarters: tuple[TrackRecordPart, ...]
    """The accuracy of the forecasts made in each quarter of the campaign. Quarters are
    measured by the share of fixes, not by time.
    """
    points: tuple[TrackRecordWeek, ...]
    """The weeks with a forecast, oldest first."""


class NotFinishedError(HeadwayError):
    """A campaign still has open items, so forecasts cannot be compared with a finish date."""

    def __init__(self, campaign: str, open_items: int) -> None:
        items = f"{open_items} item is" if open_items == 1 else f"{open_items} items are"
        super().__init__(
            f"{campaign} is not finished: {items} open, and a backtest needs a finish date; "
            f"use --residual {open_items} to count the campaign as finished with that many open "
            "items."
        )


class NeverStartedError(HeadwayError):
    """A campaign, or a team in the campaign, has never had an item."""

    def __init__(self, campaign: str, team: str | None) -> None:
        subject = (
            f"{team} has never had an item in {campaign}"
            if team
            else (f"{campaign} has never had an item")
        )
        super().__init__(f"{subject}, so there is nothing to backtest.")


def track_record(
    store: Store,
    campaign: Campaign,
    *,
    today: date,
    team: str | None = None,
    residual: int | None = None,
) -> TrackRecord:
    """Return the accuracy of past forecasts of a campaign, or of one team's part of it.

    Args:
        store: The store.
        campaign: The campaign.
        today: The day by the end of which the campaign must be finished. Later changes are ignored.
        team: The team whose items are counted. None means all teams.
        residual: The number of open items at which the campaign counts as finished. None means the
            open count at the end of `today` if it is at most `NEARLY_FINISHED` of the peak, and 0
            otherwise.

    Raises:
        NotFinishedError: More than `residual` items are open.
        NeverStartedError: The campaign or team has never had an item.
    """
    view = campaign_view(store, campaign, today)
    ledger = weekly_ledger(store, view)
    history = (ledger if team is None else ledger.of_team(team)).history(view)
    peak = max((sum(history.before), *(week.open for week in history.weeks)))
    if not peak:
        raise NeverStartedError(campaign.id, team)
    if residual is None:
        residual = history.open if history.open <= peak * NEARLY_FINISHED else 0
    result = backtest(history, residual=residual)
    if result is None:
        raise NotFinishedError(campaign.id, history.open)
    return _record(campaign.id, team, result)


def _record(campaign: str, team: str | None, result: Backtest) -> TrackRecord:
    quarters = (
        _part(quarter, judgements) for quarter, judgements in by_quarter(result.judgements).items()
    )
    return TrackRecord(
        campaign=campaign,
        team=team,
        finished=result.finish,
        residual=result.residual,
        weeks=result.weeks,
        judged=len(result.judgements),
        whole=_part(None, result.judgements),
        quarters=tuple(part for part in quarters if part is not None),
        points=tuple(_point(judgement) for judgement in result.judgements),
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


def _point(judgement: Judgement) -> TrackRecordWeek:
    return TrackRecordWeek(
        today=judgement.day,
        open=judgement.open,
        done=judgement.done,
        p15=_day(judgement, judgement.low),
        p50=_day(judgement, judgement.middle),
        p85=_day(judgement, judgement.high),
        average=_day(judgement, judgement.average),
        least_squares=_day(judgement, judgement.least_squares),
    )


def _day(judgement: Judgement, weeks: float) -> date | None:
    """Return the day `weeks` weeks after `judgement.day`, or None if it is after the year 9999."""
    return judgement.day + WEEK * weeks if weeks < (date.max - judgement.day) / WEEK else None
