"""Spans of days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days from `first` to `last`, both inclusive; None means without end on that side."""

    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Whether `day` is one of these days."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


ALWAYS = (Span(),)
