"""Results of the checks that `headway doctor` runs on a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from headway.model.repository import Listing, hidden_notes

_CLOCK_TOLERANCE = 60.0
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    source: str
    """The source's ID, or `this machine`."""
    check: str
    good: bool | None
    """Whether the check succeeded; None if it only provides information."""
    said: str
    """A sentence about the result."""


def listing_findings(listing: Listing) -> Iterator[Finding]:
    """Yield findings about the number of repositories by visibility, and about completeness."""
    counts = Counter(repository.visibility for repository in listing.repositories)
    seen = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items())) or "none"
    yield Finding(listing.source, "repositories", bool(listing.repositories), seen)
    problems = "; ".join(listing.problems) or "yes"
    yield Finding(listing.source, "listing complete", listing.complete, problems)
    for note in hidden_notes([listing]):
        yield Finding(listing.source, "hidden", False, note)
    if listing.groups_unknown is not None:
        yield Finding(listing.source, "teams", None, listing.groups_unknown)
    elif owned := sum(bool(repository.groups) for repository in listing.repositories):
        yield Finding(listing.source, "teams", True, f"known for {owned:,} repositories")
    if listing.unlisted:
        names = ", ".join(entry.name for entry in listing.unlisted[:_NAMES_SHOWN])
        yield Finding(listing.source, "not described", False, names)


def token_finding(source: str, *, given: bool) -> Finding:
    """Return the finding that the token was accepted, or that no token is configured."""
    result = "accepted" if given else "none: only public repositories are listed"
    return Finding(source, "token", given or None, result)


def clock_finding(source: str, headers: Mapping[str, str], now: datetime) -> Finding:
    """Compare this machine's clock with the forge's `Date` header.

    With a wrong clock, GitHub rejects requests from GitHub Apps, and waits may be too long.
    """
    try:
        forge_time = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return Finding(source, "clock", None, "the forge does not send its time")
    forge_time = forge_time if forge_time.tzinfo else forge_time.replace(tzinfo=UTC)
    seconds = abs((forge_time - now).total_seconds())
    good = seconds <= _CLOCK_TOLERANCE
    return Finding(source, "clock", good, f"differs from the forge's clock by {seconds:.0f} s")
