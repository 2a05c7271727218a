"""Determine the health of a campaign."""

from __future__ import annotations

from datetime import date, timedelta

from headway.progress.state import Health, State

STALLED_AFTER_WEEKS = 4
"""A campaign or team is stalled after this number of weeks with open items and no fixes."""

ON_TRACK = 0.4
"""A campaign is on track only if its probability of meeting the due date is at least this value.

The value is low because forecasts on the public data hardly ever gave 80% or more. See
docs/numbers.md.
"""

OFF_TRACK = 0.2
"""A campaign is off track if its probability of meeting the due date is below this value."""

ENOUGH = 1.0
"""A campaign is on track only if its pace is at least this share of the needed pace."""

TOO_LITTLE = 0.5
"""A campaign is off track if its pace is below this share of the needed pace."""


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

    A campaign is not done if its state is unknown, it lacks a required match, it has never matched
    anything, or it has only exempt items.

    Args:
        state: The state of the campaign.
        open_items: The number of open items.
        due: The due date (inclusive).
        last_fix: The day of the last fix, or None if there was no fix.
        open_since: The day since which the campaign has always had open items. It is not before the
            campaign's first day.
        today: The day for which to determine the health.
        chance: The forecast's probability of finishing by `due`, from 0 to 1, or None if it is
            unknown.
        pace: The average number of fixes per week in the last four weeks or in the last year,
            whichever is higher.
        pace_needed: The number of fixes per week needed to meet `due`, or None if it is unknown.
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
    """Return whether a campaign is on track, at risk or off track. See `health_of`."""
    share = ENOUGH if pace_needed is None else pace / pace_needed
    if is_likely(chance) and share >= ENOUGH:
        return "on track"
    return "off track" if is_unlikely(chance) or share < TOO_LITTLE else "at risk"


def is_likely(chance: float) -> bool:
    """Return whether the probability of meeting the due date is high enough to be on track."""
    return _as_shown(chance) >= ON_TRACK


def is_unlikely(chance: float) -> bool:
    """Return whether the probability of meeting the due date is low enough to be off track."""
    return _as_shown(chance) < OFF_TRACK


def _as_shown(chance: float) -> float:
    """Round to the nearest percent, so that the health agrees with the displayed percentage."""
    return round(chance * 100) / 100


def is_stalled(open_since: date, last_fix: date | None, today: date) -> bool:
    """Return whether a campaign, milestone, team or repository is stalled.

    For example, a team is stalled if it had open items on every day of the last four weeks and
    fixed no items in this time. A team whose only open item regressed yesterday is therefore not
    stalled.

    Args:
        open_since: The day since which items have always been open.
        last_fix: The day of the last fix, or None if there was no fix.
        today: The day for which to determine the result.
    """
    return today - quiet_since(open_since, last_fix) >= timedelta(weeks=STALLED_AFTER_WEEKS)


def quiet_since(open_since: date, last_fix: date | None) -> date:
    """Return the day of the last fix, or `open_since` if that is later or nothing was fixed."""
    return max(open_since, last_fix or open_since)
