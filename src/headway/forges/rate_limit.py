"""What a forge says about how fast it may be asked, read from its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_UNSTATED = timedelta(seconds=60)
_LONGEST = timedelta(days=2)
_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """The forge asks for a pause. until: its end, in UTC."""

    reason: str
    until: datetime


def github_wait(
    status: int, headers: Mapping[str, str], message: str, before: int, now: datetime
) -> Wait | None:
    """The pause that an answer of GitHub asks for; None when it asks for none.

    headers: names in lower case. message: the answer's own text. before: how many pauses this
    request has already taken. The order (Retry-After, then the reset, then a minute that doubles)
    is GitHub's: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """
    used_up = headers.get("x-ratelimit-remaining") == "0"
    told = "rate limit" in message.lower() or "retry-after" in headers
    if status not in (403, 429) and not (status == 200 and told):
        return None
    if status == 403 and not (used_up or told):
        return None
    after = _retry_after(headers.get("retry-after"), now)
    if after is not None:
        return Wait("GitHub's secondary rate limit", after)
    reset = _epoch(headers.get("x-ratelimit-reset"), now) if used_up else None
    if reset is not None:
        # a second more: nobody says when within that second the reset happens
        return Wait("GitHub's hourly rate limit", reset + _SHORTEST)
    return Wait("GitHub's secondary rate limit", now + _UNSTATED * 2**before)


def gitlab_wait(status: int, headers: Mapping[str, str], before: int, now: datetime) -> Wait | None:
    """The pause that an answer of GitLab asks for; None when it asks for none.

    Header names: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
    GraphQL answers and some others come without any (gitlab-org/gitlab#352409).
    """
    if status != 429:
        return None
    until = _retry_after(headers.get("retry-after"), now)
    if until is None:
        reset = _epoch(headers.get("ratelimit-reset"), now)
        until = reset + _SHORTEST if reset is not None else now + _UNSTATED * 2**before
    return Wait("GitLab's rate limit", until)


def _retry_after(value: str | None, now: datetime) -> datetime | None:
    """`120`, or `Fri, 31 Dec 1999 23:59:59 GMT`; None for what is neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return now + _within(int(text[:9]))
    try:
        stated = parsedate_to_datetime(text)
    except ValueError:
        return None
    stated = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    return now + _within((stated - now).total_seconds())


def _epoch(value: str | None, now: datetime) -> datetime | None:
    """Seconds since 1970 as decimal digits; None for anything else."""
    if value is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    return now + _within(int(value.strip()[:12]) - now.timestamp())


def _within(seconds: float) -> timedelta:
    """At least a second, so that no answer makes a loop without a pause, and at most two days."""
    return min(max(timedelta(seconds=min(seconds, 1e9)), _SHORTEST), _LONGEST)
