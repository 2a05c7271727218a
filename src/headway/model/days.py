"""Spans of days, and the format of dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

ONE_DAY = timedelta(days=1)


FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
"""The earliest and the latest date that a file or an option may contain, both inclusive."""


class Span(NamedTuple):
    """A span of days with inclusive ends. None means no limit on that side."""

    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether the span contains the day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


ALWAYS = (Span(),)
"""A single span that contains every day."""


def end_of_week(day: date, until: date) -> date:
    """Return the Sunday of the day's ISO week, or `until` if that is earlier."""
    return min(day + timedelta(days=6 - day.weekday()), until)


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Abbreviated English month names, regardless of the locale."""


def day_text(day: date) -> str:
    """Format a date, regardless of the locale: `30 Jun 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
