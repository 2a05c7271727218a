"""Dates in HTTP headers, and the difference between a forge's clock and this machine's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def parse_http_date(value: str | None) -> datetime | None:
    """Parse `Fri, 31 Dec 1999 23:59:59 GMT` as a time in UTC; return None for anything else."""
    try:
        stated = parsedate_to_datetime((value or "").strip())
        return stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def clock_difference(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how far the forge's clock is ahead of this machine's clock, from its `Date` header.

    Zero if there is no such header.
    """
    forge_time = parse_http_date(headers.get("date"))
    return forge_time - now if forge_time is not None else timedelta()
