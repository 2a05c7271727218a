"""Check that everybody who can read the history is allowed to see all repositories in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from headway.errors import HeadwayError
from headway.model.audience import Audience, may_see
from headway.model.repository import Listing, Visibility
from headway.model.store_records import RepositoryRecord


class AudienceTooWideError(HeadwayError):
    """The history would contain repositories that some of its readers are not allowed to see."""

    def __init__(self, audience: Audience, hidden: Mapping[Visibility, int]) -> None:
        # The message names no repository, because the same people can often read the log.
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(hidden.items()))
        super().__init__(
            f"the history has the audience {audience}, which is not allowed to see all "
            f"repositories in it ({kinds}), so nothing was stored; restrict who can read the "
            "history, or remove these repositories from the sources and start a new history."
        )


def check_listings(
    audience: Audience, listings: Iterable[Listing], known: Mapping[str, RepositoryRecord]
) -> None:
    """Check the listed repositories, and those that are only in the store.

    Raises:
        AudienceTooWideError: The audience is not allowed to see one of the repositories.
    """
    seen: dict[str, Visibility] = {key: record.listed.visibility for key, record in known.items()}
    for listing in listings:
        seen |= {entry.key: "unknown" for entry in listing.unlisted if entry.key not in known}
        seen |= {entry.key: entry.visibility for entry in listing.repositories}
    _check(audience, seen.values())


def check_records(audience: Audience, records: Mapping[str, RepositoryRecord]) -> None:
    """Check the repositories that the scan would store.

    Raises:
        AudienceTooWideError: The audience is not allowed to see one of the repositories.
    """
    _check(audience, (record.listed.visibility for record in records.values()))


def _check(audience: Audience, visibilities: Iterable[Visibility]) -> None:
    hidden = Counter(visibility for visibility in visibilities if not may_see(visibility, audience))
    if hidden:
        raise AudienceTooWideError(audience, hidden)
