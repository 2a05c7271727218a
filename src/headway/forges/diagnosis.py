"""Results of the checks that `headway doctor` runs on a source."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from headway.git.mirrors import SMALL_BYTES
from headway.http_dates import clock_difference, parse_http_date
from headway.model.audience import Audience, may_see
from headway.model.repository import Listing, Repository, hidden_notes

_CLOCK_TOLERANCE = 60.0
_DAYS_LEFT = 14
"""A token that expires in fewer than this number of days is reported as a problem."""
_MIRROR_SHARE = 0.5
"""The assumed maximum size of a partial mirror, relative to the size that the forge reports. In the
table in docs/forges.md, partial mirrors take 18% to 44% of the size of a complete mirror.
"""
_SPARE_BYTES = 1 << 30
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    source: str
    """The source's ID, or `this machine`."""
    check: str
    good: bool | None
    """Whether the check succeeded, or None if the finding is only informative."""
    said: str
    """A sentence about the result."""


def listing_findings(listing: Listing) -> Iterator[Finding]:
    """Yield findings about the repositories in a listing, their teams, and what is missing."""
    counts = Counter(repository.visibility for repository in listing.repositories)
    yield Finding(
        listing.source, "repositories", bool(listing.repositories), _by_visibility(counts)
    )
    problems = "; ".join(listing.problems) or "every repository is listed"
    yield Finding(listing.source, "listing complete", listing.complete, problems)
    for note in hidden_notes([listing]):
        yield Finding(listing.source, "hidden", False, note)
    if listing.groups_unknown is not None:
        yield Finding(listing.source, "teams", None, listing.groups_unknown)
    elif owned := sum(bool(repository.groups) for repository in listing.repositories):
        yield Finding(listing.source, "teams", True, f"known for {_repositories(owned)}")
    if listing.unlisted:
        names = ", ".join(entry.name for entry in listing.unlisted[:_NAMES_SHOWN])
        yield Finding(listing.source, "not described", False, names)


def token_finding(source: str, *, given: bool) -> Finding:
    """Return a finding about whether the source uses a token."""
    result = "accepted" if given else "none: only public repositories are listed"
    return Finding(source, "token", given or None, result)


def clock_finding(source: str, headers: Mapping[str, str], now: datetime) -> Finding:
    """Compare this machine's clock with the forge's `Date` header.

    If this machine's clock is wrong, GitHub rejects the first request of a GitHub App.
    """
    if parse_http_date(headers.get("date")) is None:
        return Finding(source, "clock", None, "the forge does not send its time")
    seconds = clock_difference(headers, now).total_seconds()
    good = abs(seconds) <= _CLOCK_TOLERANCE
    result = f"differs from the forge's clock by {abs(seconds):.0f} s"
    if not good:
        direction = "ahead" if seconds < 0 else "behind"
        result += f": the clock of this machine is {direction}; correct it"
    return Finding(source, "clock", good, result)


def expiry_finding(
    source: str, expires: datetime | None, now: datetime, check: str = "token expiry"
) -> Finding:
    """Return a finding about a token's expiry. `expires` is None if the forge states no date."""
    if expires is None:
        return Finding(source, check, None, "the forge states no expiry date")
    days = (expires - now).total_seconds() / 86_400
    good = days >= _DAYS_LEFT
    when = f"{expires:%Y-%m-%d}, in {_days(max(days, 0))}"
    advice = "" if good else "; create a new token before then"
    return Finding(source, check, good, f"{when}{advice}")


def _days(days: float) -> str:
    return f"{days:.0f} day{'' if round(days) == 1 else 's'}"


def parse_expiry(value: object) -> datetime | None:
    """Parse `2026-12-24 10:00:00 UTC`, `2026-12-24 10:00:00 +0100` or `2026-12-24`.

    Returns:
        The time in UTC, or None for any other value.
    """
    if not isinstance(value, str):
        return None
    for pattern in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d"):
        with contextlib.suppress(ValueError, OverflowError):
            stated = datetime.strptime(value.strip().replace("UTC", "+0000"), pattern)  # noqa: DTZ007 - see below
            return stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    return None


def git_finding(source: str, readable: int, reasons: Mapping[str, str], skipped: int) -> Finding:
    """Return a finding about git's access to the repositories.

    Args:
        source: The source's ID.
        readable: The number of repositories that git can read.
        reasons: The reasons why git cannot read repositories, by repository name.
        skipped: The number of repositories that were not tried.
    """
    if not reasons:
        return Finding(source, "git", True, f"can read {_repositories(readable)}")
    shown = [f"{name} ({reason})" for name, reason in list(reasons.items())[:_NAMES_SHOWN]]
    if len(reasons) > len(shown):
        shown.append(f"and {len(reasons) - len(shown):,} more")
    total = readable + len(reasons)
    result = f"cannot read {len(reasons):,} of {_repositories(total)}: {', '.join(shown)}"
    if skipped:
        result += f"; {_repositories(skipped)} not tried"
    return Finding(source, "git", False, result)


def _repositories(count: int) -> str:
    return "1 repository" if count == 1 else f"{count:,} repositories"


def disk_finding(
    source: str,
    sizes: Mapping[str, int],
    new: Collection[str],
    *,
    free: int,
    budget: int | None,
) -> Finding:
    """Return a finding about whether the first mirrors fit on the disk and into the cache.

    Args:
        source: The source's ID.
        sizes: The repository sizes that the forge reports, in bytes, by repository key.
        new: The keys of the repositories without a mirror.
        free: The free space, in bytes.
        budget: The maximum total size of the mirrors, in bytes. None means unlimited.
    """
    known = [sizes[key] for key in new if key in sizes]
    if not known:
        result = "nothing to fetch" if not new else "unknown: the forge states no sizes"
        return Finding(source, "first night", True if not new else None, result)
    shares = [size if size <= SMALL_BYTES else size * _MIRROR_SHARE for size in known]
    needed = int(sum(shares) * len(new) / len(known))
    result = (
        f"needs up to {_gigabytes(needed)}: the forge states {_gigabytes(sum(known))} for "
        f"{len(known):,} of {len(new):,} repositories without a mirror, and a mirror, which omits "
        "file versions that no rule reads, takes up to half that size"
    )
    if needed + _SPARE_BYTES > free:
        return Finding(
            source, "first night", False, f"{result}; only {_gigabytes(free)} of disk space is free"
        )
    if budget is not None and needed > budget:
        result += (
            f"; `gigabytes` in [cache] is only {_gigabytes(budget)}, so each scan would fetch "
            "some mirrors again"
        )
        return Finding(source, "first night", False, result)
    return Finding(source, "first night", True, result)


def audience_finding(
    source: str,
    repositories: Iterable[Repository],
    audience: Audience,
    site_is_public: bool | None,
) -> Finding:
    """Return a finding about pages that would show code to people who are not allowed to see it.

    Args:
        source: The source's ID.
        repositories: The repositories whose lines the pages could quote.
        audience: The audience for which the pages are written.
        site_is_public: Whether the published pages are public, or None if this is unknown.
    """
    counts = Counter(
        repository.visibility
        for repository in repositories
        if repository.visibility != "public" and may_see(repository.visibility, audience)
    )
    if not counts:
        return Finding(source, "audience", True, f"{audience}: no page quotes non-public code")
    listed = _by_visibility(counts)
    result = f"{audience}: the pages quote lines of non-public repositories ({listed})"
    if site_is_public:
        advice = "; the published pages are public, so use --audience public"
        return Finding(source, "audience", False, result + advice)
    if site_is_public is None:
        result += (
            "; publish them only where every reader is allowed to see all of these repositories"
        )
    return Finding(source, "audience", True if site_is_public is False else None, result)


def _by_visibility(counts: Counter[Any]) -> str:
    """Format the number of repositories by visibility. Local repositories have no visibility."""
    kinds = ((count, kind) for kind, count in sorted(counts.items()))
    parts = (
        f"{count:,} {'of unknown visibility' if kind == 'unknown' else kind}"
        for count, kind in kinds
    )
    return ", ".join(parts) or "none"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
