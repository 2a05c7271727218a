"""Parse times in HTTP headers. The server's clock can differ from this machine's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 2 * 86_400.0
"""The maximum wait that a server can request, in seconds."""


def parse_http_date(value: str | None) -> datetime | None:
    """Parse a time such as `Fri, 31 Dec 1999 23:59:59 GMT`. Return None for any other value."""
    try:
        stated = parsedate_to_datetime((value or "").strip())
        return stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def clock_difference(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return the time by which the forge's clock is ahead of this machine's clock.

    The time is negative if the forge's clock is behind, and zero if the response has no valid
    `Date` header.
    """
    forge_time = parse_http_date(headers.get("date"))
    return forge_time - now if forge_time is not None else timedelta()


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that a valid `Retry-After` header requests, or None if there is none.

    Args:
        headers: The headers of a response, with names in lower case.
        now: This machine's time, for responses without a valid `Date` header. If neither time is
            known, a header such as `Fri, 31 Dec 1999 23:59:59 GMT` is invalid.

    Returns:
        At least one second, to prevent a busy loop, and at most two days.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return within_bounds(int(text[:9]))
    stated, server_time = parse_http_date(text), parse_http_date(headers.get("date")) or now
    if stated is None or server_time is None:
        return None
    return within_bounds((stated - server_time).total_seconds())


def within_bounds(seconds: float) -> float:
    """Limit a wait to at least one second, to prevent a busy loop, and at most two days."""
    return min(max(seconds, _SHORTEST_WAIT), _LONGEST_WAIT)
