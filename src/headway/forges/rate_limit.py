"""Rate limits: waits that forges request in their replies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_DEFAULT_WAIT = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(days=2)
_SHORTEST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait that a forge requests."""

    reason: str
    until: datetime
    """The end of the wait, in UTC."""


def github_wait(
    status: int, headers: Mapping[str, str], message: str, waits: int, now: datetime
) -> Wait | None:
    """Return the wait that a reply from GitHub requests; None if it requests no wait.

    As GitHub documents, `Retry-After` takes precedence, then the reset time; without them, the wait
    is one minute, and doubles each time.
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api

    Args:
        status: The HTTP status.
        headers: The headers of the reply, with names in lower case.
        message: The error message in the reply.
        waits: How many times this request has already waited.
        now: The current time in UTC.
    """
    used_up = headers.get("x-ratelimit-remaining") == "0"
    limited = "rate limit" in message.lower() or "retry-after" in headers
    if status not in (403, 429) and not (status == 200 and limited):
        return None
    if status == 403 and not (used_up or limited):
        return None
    retry_at = _retry_after(headers.get("retry-after"), now)
    if retry_at is not None:
        return Wait("GitHub's secondary rate limit", retry_at)
    reset = _epoch(headers.get("x-ratelimit-reset"), now) if used_up else None
    if reset is not None:
        # Add one second, because the limit may be reset at any time within that second.
        return Wait("GitHub's hourly rate limit", reset + _SHORTEST_WAIT)
    return Wait("GitHub's secondary rate limit", now + _DEFAULT_WAIT * 2**waits)


def gitlab_wait(status: int, headers: Mapping[str, str], waits: int, now: datetime) -> Wait | None:
    """Return the wait that a reply from GitLab requests; None if it requests no wait.

    Headers: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
    Some replies, such as those to GraphQL, have none of these headers (gitlab-org/gitlab#352409).
    The arguments are those of `github_wait`.
    """
    if status != 429:
        return None
    until = _retry_after(headers.get("retry-after"), now)
    if until is None:
        reset = _epoch(headers.get("ratelimit-reset"), now)
        until = reset + _SHORTEST_WAIT if reset is not None else now + _DEFAULT_WAIT * 2**waits
    return Wait("GitLab's rate limit", until)


def _retry_after(value: str | None, now: datetime) -> datetime | None:
    """Parse `120` or `Fri, 31 Dec 1999 23:59:59 GMT`; return None for anything else."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return now + _within_bounds(int(text[:9]))
    try:
        stated = parsedate_to_datetime(text)
    except ValueError:
        return None
    stated = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    return now + _within_bounds((stated - now).total_seconds())


def _epoch(value: str | None, now: datetime) -> datetime | None:
    """Parse seconds since 1970 in decimal digits; return None for anything else."""
    if value is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    return now + _within_bounds(int(value.strip()[:12]) - now.timestamp())


def _within_bounds(seconds: float) -> timedelta:
    """Limit a wait to at least one second, to prevent a busy loop, and at most two days."""
    return min(max(timedelta(seconds=min(seconds, 1e9)), _SHORTEST_WAIT), _LONGEST_WAIT)
