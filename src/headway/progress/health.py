"""The health of a campaign, in one word."""

from __future__ import annotations

from datetime import date, timedelta

from headway.progress.state import Health, State

STALLED_AFTER_WEEKS = 4
"""A campaign or team has stalled after this many weeks with open items and no fix."""

ON_TRACK = 0.4
"""The minimum probability of meeting the due date for a campaign that is on track.

In the public record, hardly any week has a higher probability; see docs/numbers.md.
"""

OFF_TRACK = 0.2
"""A campaign is off track below this probability of meeting the due date."""

ENOUGH = 1.0
"""A campaign is on track only if its pace is at least this share of the pace that it needs."""

TOO_LITTLE = 0.5
"""A campaign is off track if its pace is below this share of the pace that it needs."""


def health_of(
    *,
    state: State,
    open_items: int,
    due: date | None,
    last_fix: date | None,
    open_since: date,
    today: date,
    chance: float | None,
    pace: float = 0.0,
    pace_needed: float | None = None,
) -> Health:
    """Return the health of a campaign.

    A campaign is not done if its state is unknown, if it lacks a required match, if it has never
    matched anything, or if it has only exempt items.

    Args:
        state: The state of the campaign.
        open_items: The number of open items.
        due: The due date (inclusive).
        last_fix: The day of the last fix; None if there was none.
        open_since: The day since which the campaign has always had open items, at the earliest its
            first day.
        today: The day for which to determine the health.
        chance: The forecast's probability of finishing by `due`, from 0 to 1; None if unknown.
        pace: The fixes per week: the average of the last weeks or of the last year, whichever is
            higher.
        pace_needed: The fixes per week that are needed to meet `due`; None if unknown.
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
    return outlook(chance, pace, pace_needed)


def outlook(chance: float, pace: float, pace_needed: float | None) -> Health:
    """Return whether a campaign is on track, at risk or off track; see `health_of`."""
    share = ENOUGH if pace_needed is None else pace / pace_needed
    if is_likely(chance) and share >= ENOUGH:
        return "on track"
    return "off track" if is_unlikely(chance) or share < TOO_LITTLE else "at risk"


def is_likely(chance: float) -> bool:
    """Return whether the chance of meeting the due date is high enough to be on track."""
    return _as_shown(chance) >= ON_TRACK


def is_unlikely(chance: float) -> bool:
    """Return whether the chance of meeting the due date is so low that a campaign is off track."""
    return _as_shown(chance) < OFF_TRACK


def _as_shown(chance: float) -> float:
    """Round to the nearest percent, so that the health agrees with the displayed percentage."""
    return round(chance * 100) / 100


def is_stalled(open_since: date, last_fix: date | None, today: date) -> bool:
    """Return whether a campaign, milestone, team or repository has stalled.

    A team, for example, has stalled if it has always had open items for the last four weeks and has
    fixed none in that time. A team whose only open item regressed yesterday has therefore not
    stalled.

    Args:
        open_since: The day since which there have always been open items.
        last_fix: The day of the last fix; None if there was none.
        today: The day at whose end to decide.
    """
    return today - quiet_since(open_since, last_fix) >= timedelta(weeks=STALLED_AFTER_WEEKS)


def quiet_since(open_since: date, last_fix: date | None) -> date:
    """Return the day of the last fix, or `open_since` if that is later."""
    return max(open_since, last_fix or open_since)
