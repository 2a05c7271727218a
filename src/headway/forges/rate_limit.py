"""Rate limits: the waits that a forge's responses request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from headway.http_dates import clock_difference, retry_after_seconds, within_bounds

_DEFAULT_WAIT = timedelta(seconds=60)
_SHORTEST_WAIT = timedelta(seconds=1)
_OK = 200
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait that a forge requests."""

    reason: str
    until: datetime
    """The end of the wait, in UTC."""


def github_wait(
    status: int, headers: Mapping[str, str], message: str, waits: int, now: datetime
) -> Wait | None:
    """Return the wait that a response from GitHub requests, or None if it requests none.

    `Retry-After` takes precedence over the reset time. Without either header, the first wait is one
    minute, and each further wait is twice as long. Documentation:
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api

    Args:
        status: The HTTP status.
        headers: The headers of the response, with names in lower case.
        message: The error message in the response.
        waits: The number of times that this request has already waited.
        now: The current time in UTC, by this machine's clock.
    """
    if status == _UNAVAILABLE:
        return _unavailable("GitHub", headers, now)
    used_up = headers.get("x-ratelimit-remaining") == "0"
    states_pause = "retry-after" in headers and (status != _OK or message != "")
    limited = "rate limit" in message.lower() or states_pause
    if status not in (403, 429) and not (status == _OK and limited):
        return None
    if status == 403 and not (used_up or limited):
        return None
    retry_at = _retry_after(headers, now)
    if retry_at is not None:
        return Wait("GitHub's secondary rate limit", retry_at)
    reset = _reset_time("x-ratelimit-reset", headers, now) if used_up else None
    if reset is not None:
        # Add one second, because the limit can be reset at any time within the stated second.
        return Wait("GitHub's hourly rate limit", reset + _SHORTEST_WAIT)
    return Wait("GitHub's secondary rate limit", now + _DEFAULT_WAIT * 2**waits)


def gitlab_wait(status: int, headers: Mapping[str, str], waits: int, now: datetime) -> Wait | None:
    """Return the wait that a response from GitLab requests, or None if it requests none.

    The headers are documented at
    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/. Some responses, such
    as those to GraphQL queries, have none of these headers (gitlab-org/gitlab#352409). The
    arguments are those of `github_wait`.
    """
    if status == _UNAVAILABLE:
        return _unavailable("GitLab", headers, now)
    if status != 429:
        return None
    until = _retry_after(headers, now)
    if until is None:
        reset = _reset_time("ratelimit-reset", headers, now)
        until = reset + _SHORTEST_WAIT if reset is not None else now + _DEFAULT_WAIT * 2**waits
    return Wait("GitLab's rate limit", until)


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    seconds = retry_after_seconds(headers, now)
    return now + timedelta(seconds=seconds) if seconds is not None else None


def _unavailable(forge: str, headers: Mapping[str, str], now: datetime) -> Wait | None:
    """Return the wait that an unavailable forge requests, or None if it states no time."""
    until = _retry_after(headers, now)
    return Wait(f"{forge}'s unavailability", until) if until is not None else None


def _reset_time(name: str, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Parse a header with a time in seconds since 1970 UTC, by the forge's clock.

    Returns:
        The time of the reset by this machine's clock, or None if the header is missing or has any
            other value.
    """
    text = headers.get(name, "").strip()
    if not text.isascii() or not text.isdigit():
        return None
    forge_time = now + clock_difference(headers, now)
    return now + timedelta(seconds=within_bounds(int(text[:12]) - forge_time.timestamp()))
