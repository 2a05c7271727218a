"""Spans of days."""

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
