"""Small charts of campaigns' forecasts and due dates, on the same time scale.

The chart of a campaign is called its track.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from headway.model.days import MONTHS, day_text
from headway.progress.state import Health
from headway.site.charts.axes import Tick, spread_days

_WIDTH, _HEIGHT, _PAD = 230, 34, 8
_END_ROOM = 84
"""The space for the date of a forecast that extends beyond the right edge."""
_TICK_ROOM = 56


class Forecasted(Protocol):
    """The data in a forecast's chart: a status or a past forecast."""

    @property
    def health(self) -> Health:
        """The health, which selects the colour."""

    @property
    def due(self) -> date | None:
        """The due date (inclusive), or None without a due date."""

    @property
    def p50(self) -> date | None:
        """The 50% finish date, or None if it is unknown or after `horizon`."""

    @property
    def p85(self) -> date | None:
        """The 85% finish date, or None if it is unknown or after `horizon`."""

    @property
    def horizon(self) -> date | None:
        """The last day that the forecast covers, or None without a forecast."""


@dataclass(frozen=True, slots=True)
class Track:
    """A campaign's forecast: a bar to the 50% finish date, and a thinner bar to the 85% date."""

    width: int
    height: int
    today: float
    """The horizontal coordinate of today."""

    due: float | None
    """The horizontal coordinate of the due date, or None without a due date."""

    p50: float | None
    """The horizontal coordinate of the 50% finish date, or None without a forecast."""

    p85: float
    """The horizontal coordinate of the 85% finish date, or 0 without a forecast."""

    clipped: bool
    """Whether the forecast extends beyond the right edge of the chart."""

    end: str | None
    """The month of the 85% date, if the forecast extends beyond the right edge and the text fits
    beside the due date.
    """

    kind: str
    """The health with hyphens instead of spaces, such as `on-track`. It selects the colour."""

    text: str
    """A description of the chart for screen readers."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The time scale on which the forecast charts of all campaigns are drawn."""

    first: date
    last: date
    width: int
    ticks: tuple[Tick, ...]


def timeline(rows: Sequence[Forecasted], today: date) -> Timeline | None:
    """Return a time scale for all unfinished campaigns, or None if they have no future dates.

    The scale ends at the latest due date, p50 date or p85 date, but not long after the latest due
    date.
    """
    unfinished = [row for row in rows if row.health != "done"]
    days = [
        day for row in unfinished for day in (row.due, row.p50) if day is not None and day > today
    ]
    if not days:
        return None
    dues = [row.due for row in unfinished if row.due is not None and row.due > today]
    # A forecast of many years must not compress all other dates into the left part of the chart.
    reach = 2 * (max(dues, default=max(days)) - today) + timedelta(weeks=8)
    wanted = [*days, *(row.p85 for row in unfinished if row.p85 is not None)]
    last = min(max(wanted), today + reach)
    overdue = [row.due for row in unfinished if row.due is not None and row.due < today]
    first = max(min([today, *overdue]), today - (last - today) / 3)
    scale = Timeline(first, last, _WIDTH, ())
    ticks = spread_days(first, last, _WIDTH - 2 * _PAD, _TICK_ROOM)
    marks = tuple(Tick(_at(scale, day), text) for day, text in ticks)
    return Timeline(first, last, _WIDTH, marks)


def track(row: Forecasted, scale: Timeline, today: date) -> Track | None:
    """Draw a campaign's chart. Return None if it is done, or has no due date and no forecast."""
    if row.health == "done" or (row.due is None and row.horizon is None):
        return None
    ends = row.p50 is not None or row.horizon is not None
    clipped = ends and (row.p85 or date.max) > scale.last
    has_room = row.due is None or _at(scale, row.due) < _WIDTH - _END_ROOM
    return Track(
        _WIDTH,
        _HEIGHT,
        _at(scale, today),
        None if row.due is None else _at(scale, row.due),
        _at(scale, row.p50 or date.max) if ends else None,
        _at(scale, row.p85 or date.max) if ends else 0,
        clipped,
        _end(row) if clipped and has_room else None,
        row.health.replace(" ", "-"),
        _words(row),
    )


def _end(row: Forecasted) -> str | None:
    if row.p85 is not None:
        return f"{MONTHS[row.p85.month - 1]} {row.p85.year}"
    return f"after {row.horizon.year}" if row.horizon is not None else None


def _at(scale: Timeline, day: date) -> float:
    """Return the horizontal coordinate of a day. Days beyond the scale are drawn at its edge."""
    share = (day - scale.first).days / max((scale.last - scale.first).days, 1)
    return round(_PAD + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _PAD), 1)


def _words(row: Forecasted) -> str:
    due = f"Due {day_text(row.due)}" if row.due else "No due date"
    if row.horizon is None:
        return f"{due}; no forecast."
    ends = [
        f"{share} {f'by {day_text(day)}' if day else f'after {row.horizon.year}'}"
        for share, day in (("50% likely to finish", row.p50), ("85% likely", row.p85))
    ]
    return f"{due}; {ends[0]}, {ends[1]}."
