"""Forecasts against due dates: one track a campaign, all of them on one scale of days."""

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
    """One campaign. today, due: where the day is; the bar goes from today to p50, and on to p85.

    due is None without a due date. p50 is None where nothing can be said. clipped: the bar goes
    on beyond the scale. kind: what colours it, the health in one word with dashes.
    """

    width: int
    height: int
    today: float
    due: float | None
    p50: float | None
    p85: float
    clipped: bool
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The scale: first and last day, and what to write on it."""

    first: date
    last: date
    width: int
    ticks: tuple[Tick, ...]


def timeline(rows: Sequence[StatusRow], today: date) -> Timeline | None:
    """A scale for campaigns that are not done; None when none of them has a day to come.

    It reaches to the last due date and p50, and to a p85 that is not much later than those.
    """
    going = [row for row in rows if row.health != "done"]
    days = [day for row in going for day in (row.due, row.p50) if day is not None and day > today]
    if not days:
        return None
    dues = [row.due for row in going if row.due is not None and row.due > today]
    # a forecast of many years must not press every date against the left edge
    reach = 2 * (max(dues, default=max(days)) - today) + timedelta(weeks=8)
    wanted = [*days, *(row.p85 for row in going if row.p85 is not None)]
    last = min(max(wanted), today + reach)
    overdue = [row.due for row in going if row.due is not None and row.due < today]
    first = max(min([today, *overdue]), today - (last - today) / 3)
    scale = Timeline(first, last, _WIDTH, ())
    ticks = spread_days(first, last, _WIDTH - 2 * _PAD, _TICK_ROOM)
    marks = tuple(Tick(_at(scale, day), text) for day, text in ticks)
    return Timeline(first, last, _WIDTH, marks)


def track(row: StatusRow, scale: Timeline, today: date) -> Track | None:
    """The campaign's track; None when it is done or has neither a due date nor a forecast."""
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
    """Where a day is; one beyond the scale is at its edge."""
    share = (day - scale.first).days / max((scale.last - scale.first).days, 1)
    return round(_PAD + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _PAD), 1)


def _words(row: StatusRow) -> str:
    due = f"Due {row.due.isoformat()}" if row.due else "No due date"
    if row.horizon is None:
        return f"{due}; no forecast."
    ends = [
        f"{share} % by {day.isoformat() if day else f'a day after {row.horizon.year}'}"
        for share, day in ((50, row.p50), (85, row.p85))
    ]
    return f"{due}; done with {ends[0]}, with {ends[1]}."
