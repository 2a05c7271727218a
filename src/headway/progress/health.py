"""The health of a campaign, in one word."""

from __future__ import annotations

from datetime import date, timedelta

from headway.progress.state import Health, State

STALLED_AFTER_WEEKS = 4
"""Something has stalled after this many weeks with open items and without a fix."""

ON_TRACK = 0.8
"""A campaign is on track from this probability of meeting its due date."""

OFF_TRACK = 0.2
"""A campaign is off track below this probability."""


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

    Unknown is never done. Nor is incomplete: without the replacement, nothing is migrated yet. Nor
    is what never matched anything, or what is only exempt.

    Args:
        state: the state of the campaign.
        open_items: number of open items.
        due: the last day in time (inclusive).
        last_fix: the last day with a fix; None if there was none.
        open_since: the day from which there have been open items without a break, but not before
            the campaign's first day.
        today: the day that the health is for.
        chance: the forecast's probability of finishing by `due`, 0 to 1; None if not known.
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
    """Whether a chance of meeting a due date is good enough to be on track."""
    return _as_shown(chance) >= ON_TRACK


def is_unlikely(chance: float) -> bool:
    """Whether a chance of meeting a due date is so small that it is off track."""
    return _as_shown(chance) < OFF_TRACK


def _as_shown(chance: float) -> float:
    """A chance in whole percent, so that the health agrees with the percentage beside it."""
    return round(chance * 100) / 100


def is_stalled(open_since: date, last_fix: date | None, today: date) -> bool:
    """Whether a campaign, milestone, team or repository has stalled by the end of `today`.

    It has stalled if it has had open items for four weeks without a break, and fixed none in that
    time. An item that came back yesterday therefore does not make something stalled that had no
    open items before.

    Args:
        open_since: The day from which it has had open items without a break.
        last_fix: The last day on which it fixed an item; None if it never did.
        today: The day that the answer is for.
    """
    return today - quiet_since(open_since, last_fix) >= timedelta(weeks=STALLED_AFTER_WEEKS)


def quiet_since(open_since: date, last_fix: date | None) -> date:
    """The later of the last fix and the day from which there have been open items."""
    return max(open_since, last_fix or open_since)
