"""Tracks: one small chart per campaign with its forecast and due date, on a shared time scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headway.metrics.records import StatusRow
from headway.site.charts.axes import Tick, spread_days

_WIDTH, _HEIGHT, _PAD = 230, 30, 8
_TICK_ROOM = 56


@dataclass(frozen=True, slots=True)
class Track:
    """The forecast of one campaign: a bar from today to p50, continued by a thinner one to p85."""

    width: int
    height: int
    today: float
    """The horizontal coordinate of today."""

    due: float | None
    """The horizontal coordinate of the due date; None without a due date."""

    p50: float | None
    """The horizontal coordinate of the p50 date; None without a forecast."""

    p85: float
    """The horizontal coordinate of the p85 date; 0 without a forecast."""

    clipped: bool
    """Whether the forecast ends beyond the right edge."""

    kind: str
    """The health with dashes instead of spaces, such as `on-track`; it selects the colour."""

    text: str
    """The track in words."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The time scale that all tracks share."""

    first: date
    last: date
    width: int
    ticks: tuple[Tick, ...]


def timeline(rows: Sequence[StatusRow], today: date) -> Timeline | None:
    """Return a scale for unfinished campaigns; None if all due dates and forecasts have passed.

    The scale ends at the last due date or p50 date, or at a p85 date that is not much later.
    """
    unfinished = [row for row in rows if row.health != "done"]
    days = [
        day for row in unfinished for day in (row.due, row.p50) if day is not None and day > today
    ]
    if not days:
        return None
    dues = [row.due for row in unfinished if row.due is not None and row.due > today]
    # a forecast of many years must not squeeze all other dates into the left edge
    reach = 2 * (max(dues, default=max(days)) - today) + timedelta(weeks=8)
    wanted = [*days, *(row.p85 for row in unfinished if row.p85 is not None)]
    last = min(max(wanted), today + reach)
    overdue = [row.due for row in unfinished if row.due is not None and row.due < today]
    first = max(min([today, *overdue]), today - (last - today) / 3)
    scale = Timeline(first, last, _WIDTH, ())
    ticks = spread_days(first, last, _WIDTH - 2 * _PAD, _TICK_ROOM)
    marks = tuple(Tick(_at(scale, day), text) for day, text in ticks)
    return Timeline(first, last, _WIDTH, marks)


def track(row: StatusRow, scale: Timeline, today: date) -> Track | None:
    """Draw a campaign's track; None if it is done, or has neither a due date nor a forecast."""
    if row.health == "done" or (row.due is None and row.horizon is None):
        return None
    ends = row.p50 is not None or row.horizon is not None
    return Track(
        _WIDTH,
        _HEIGHT,
        _at(scale, today),
        None if row.due is None else _at(scale, row.due),
        _at(scale, row.p50 or date.max) if ends else None,
        _at(scale, row.p85 or date.max) if ends else 0,
        ends and (row.p85 or date.max) > scale.last,
        row.health.replace(" ", "-"),
        _words(row),
    )


def _at(scale: Timeline, day: date) -> float:
    """The horizontal coordinate of a day. Days beyond the scale are drawn at its edge."""
    share = (day - scale.first).days / max((scale.last - scale.first).days, 1)
    return round(_PAD + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _PAD), 1)


def _words(row: StatusRow) -> str:
    due = f"Due {row.due.isoformat()}" if row.due else "No due date"
    if row.horizon is None:
        return f"{due}; no forecast."
    ends = [
        f"{share} {f'by {day.isoformat()}' if day else f'after {row.horizon.year}'}"
        for share, day in (("50% likely to finish", row.p50), ("85% likely", row.p85))
    ]
    return f"{due}; {ends[0]}, {ends[1]}."
