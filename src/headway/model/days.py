"""Spans of days, and days in words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """A span of days whose ends are inclusive; None means that it has no end on that side."""

    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the day is part of the span."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


ALWAYS = (Span(),)
"""The spans of something that is always the case."""


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Short names of the months, which do not depend on the locale."""


def day_text(day: date) -> str:
    """A date as `30 Jun 2026`, in every locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
