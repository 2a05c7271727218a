"""Forecasts against due dates: one track per campaign, all on one scale of days."""

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
    """The forecast of one campaign: a bar from today to p50, and on to p85."""

    width: int
    height: int
    today: float
    """The coordinate of today."""

    due: float | None
    """The coordinate of the due date; None without one."""

    p50: float | None
    """The coordinate of the 50% date; None without a forecast."""

    p85: float
    clipped: bool
    """Whether the bar continues beyond the scale."""

    kind: str
    """Names the colour: the health, with a dash for each space."""

    text: str
    """The track in words."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The scale that all tracks share."""

    first: date
    last: date
    width: int
    ticks: tuple[Tick, ...]


def timeline(rows: Sequence[StatusRow], today: date) -> Timeline | None:
    """The scale for unfinished campaigns; None if no due date or forecast is ahead.

    It ends at the last due date or p50, or at a p85 that is not much later.
    """
    unfinished = [row for row in rows if row.health != "done"]
    days = [
        day for row in unfinished for day in (row.due, row.p50) if day is not None and day > today
    ]
    if not days:
        return None
    dues = [row.due for row in unfinished if row.due is not None and row.due > today]
    # a forecast of many years must not squeeze all other dates to the left edge
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
    """A campaign's track; None if it is done, or has neither a due date nor a forecast."""
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
    """The coordinate of a day; a day beyond the scale is at its edge."""
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
