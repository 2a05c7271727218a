"""The health of a campaign, in one word."""

from __future__ import annotations

from datetime import date, timedelta

from headway.progress.state import Health, State

STALLED_AFTER_WEEKS = 4
"""A campaign or team has stalled after this many weeks with open items and without a fix."""

ON_TRACK = 0.8
"""A campaign is on track if its probability of meeting the due date is at least this value."""

OFF_TRACK = 0.2
"""A campaign is off track if its probability of meeting the due date is below this value."""


def health_of(
    *,
    state: State,
    open_items: int,
    due: date | None,
    last_fix: date | None,
    open_since: date,
    today: date,
    chance: float | None,
) -> Health:
    """The health of a campaign.

    A campaign whose state is unknown is never done. An incomplete campaign is not done either,
    because it still lacks a required match. A campaign that has never matched anything is not done,
    and neither is a campaign that has only exempt items.

    Args:
        state: the state of the campaign.
        open_items: the number of open items.
        due: the due date (inclusive).
        last_fix: the last day with a fix; None if there was none.
        open_since: the day since which the campaign has had open items without interruption; not
            before its first day.
        today: the day for which to determine the health.
        chance: the forecast's probability of finishing by `due`, from 0 to 1; None if unknown.
    """
    if state in ("no matches", "not affected"):
        return "no matches"
    if not open_items and state != "incomplete":
        if state == "exempt":
            return "exempt"
        if state in ("done", "gone"):
            return "done"
        return "not enough history" if due else "no due date"
    if is_stalled(open_since, last_fix, today):
        return "stalled"
    if due is None:
        return "no due date"
    if due < today:
        return "off track"
    if chance is None:
        return "not enough history"
    if is_likely(chance):
        return "on track"
    return "off track" if is_unlikely(chance) else "at risk"


def is_likely(chance: float) -> bool:
    """Whether this probability of meeting the due date is high enough to be on track."""
    return _as_shown(chance) >= ON_TRACK


def is_unlikely(chance: float) -> bool:
    """Whether this probability of meeting the due date is so low that a campaign is off track."""
    return _as_shown(chance) < OFF_TRACK


def _as_shown(chance: float) -> float:
    """Round to the nearest per cent, so that the health agrees with the percentage shown."""
    return round(chance * 100) / 100


def is_stalled(open_since: date, last_fix: date | None, today: date) -> bool:
    """Whether a campaign, milestone, team or repository has stalled by the end of `today`.

    A team, for example, has stalled if it has had open items for four weeks without interruption
    and has fixed none of them in that time. A team that had no open items until an item regressed
    yesterday has therefore not stalled.

    Args:
        open_since: the day since which there have been open items without interruption.
        last_fix: the last day with a fix; None if there was none.
        today: the day at whose end to decide.
    """
    return today - quiet_since(open_since, last_fix) >= timedelta(weeks=STALLED_AFTER_WEEKS)


def quiet_since(open_since: date, last_fix: date | None) -> date:
    """The day of the last fix, or `open_since` if that is later."""
    return max(open_since, last_fix or open_since)
