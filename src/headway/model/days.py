"""Spans of days, and days in words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """A span of days, both inclusive. None means that the span is open on that side."""

    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the day is part of the span."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


ALWAYS = (Span(),)
"""One span that contains every day."""


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Short names of the months, regardless of the locale."""


def day_text(day: date) -> str:
    """A date as `30 Jun 2026`, regardless of the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
