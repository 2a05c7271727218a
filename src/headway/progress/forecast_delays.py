"""Find the parts of a campaign that make its 50% finish date later."""

from __future__ import annotations

from collections.abc import Collection

from headway.progress.forecast import YEAR_WEEKS, forecast
from headway.progress.weekly_history import History


def without(history: History, places: Collection[int]) -> History:
    """Return the history without the repositories at these places."""
    kept = [place for place in range(len(history.before)) if place not in places]
    return History(
        history.last,
        tuple(history.repositories[place] for place in kept),
        tuple(history.before[place] for place in kept),
    )


def delay(history: History, rest: History) -> int | None:
    """Return by how many days the 50% date is earlier for the rest of a history.

    The result is None if one of the two has no date.
    """
    whole, part = forecast(history, fan=False).p50, forecast(rest, fan=False).p50
    return (whole - part).days if whole and part and rest.open else None


def largest(history: History, most: int) -> list[int]:
    """Return the places of the repositories with the most open items, at most `most`."""
    places = [place for place in range(len(history.before)) if open_at(history, place)]
    return sorted(places, key=lambda place: -open_at(history, place))[:most]


def quiet(history: History) -> list[int]:
    """Return the places of repositories with open items and without a fix in the last year."""
    if len(history.weeks) < YEAR_WEEKS:
        return []
    return [
        place
        for place, weeks in enumerate(history.repositories)
        if weeks[-1].open and not any(week.fixed for week in weeks[-YEAR_WEEKS:])
    ]


def open_at(history: History, place: int) -> int:
    """Return the number of open items in the repository at this place."""
    weeks = history.repositories[place]
    return weeks[-1].open if weeks else history.before[place]
