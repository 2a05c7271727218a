"""How a campaign fares, in one word."""

from __future__ import annotations

from datetime import date, timedelta

from headway.progress.state import Health, State

STALLED_AFTER = timedelta(weeks=4)
ON_TRACK = 0.8
OFF_TRACK = 0.2


def health_of(
    *,
    state: State,
    open_items: int,
    due: date | None,
    last_fix: date | None,
    first_day: date,
    today: date,
    chance: float | None,
) -> Health:
    """`chance` is the forecast's probability, 0 to 1, of ending by `due`; None without one.

    Stalled: something is left to do, and nothing was fixed for four weeks. Unknown is never done,
    nor is incomplete: what is removed is not migrated yet.
    """
    if not open_items and state != "incomplete":
        if state in ("done", "not affected", "exempt", "gone"):
            return "done"
        return "not enough history" if due else "no due date"
    quiet_since = last_fix or first_day
    if today - quiet_since >= STALLED_AFTER:
        return "stalled"
    if due is None:
        return "no due date"
    if due < today:
        return "off track"
    if chance is None:
        return "not enough history"
    if chance >= ON_TRACK:
        return "on track"
    return "off track" if chance < OFF_TRACK else "at risk"
