"""The repositories that sources list, and the campaigns that cover them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.model.campaign import Campaign
from headway.model.repository import Listing
from headway.model.scope import reason_outside


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """Whether a campaign covers a repository and, if not, the reason."""

    repository: str
    source: str
    campaign: str | None
    """The campaign's ID, or None if no campaign exists or the repository could not be listed."""
    in_scope: bool | None
    """Whether the campaign covers the repository, or None if unknown."""
    reason: str | None
    """The reason why the repository is out of scope, unknown or unreadable. Otherwise None."""
    default_branch: str | None
    """The branch that scans read."""
    tip: str | None
    url: str | None
    note: str | None = None
    """A note to the user about the choice of `default_branch`."""


def repositories(listings: Sequence[Listing], campaigns: Sequence[Campaign]) -> list[RepositoryRow]:
    """Return sorted rows: one per repository and campaign, or per repository without campaigns."""
    rows = []
    for listing in listings:
        for listed in listing.repositories:
            note = listing.notes.get(listed.key)
            shared = (listed.default_branch, listed.tip, listed.web_url, note)
            unreadable = listed.tip is None and not listed.empty
            for campaign in campaigns:
                reason = reason_outside(campaign.scope, listed)
                in_scope = reason is None
                if in_scope and unreadable:
                    reason = "no default branch: HEAD points to no commit"
                rows.append(
                    RepositoryRow(
                        listed.name, listing.source, campaign.id, in_scope, reason, *shared
                    )
                )
            if not campaigns:
                rows.append(RepositoryRow(listed.name, listing.source, None, None, None, *shared))
        rows += [
            RepositoryRow(
                entry.name, listing.source, None, None, f"unknown: {entry.reason}", None, None, None
            )
            for entry in listing.unlisted
        ]
    return sorted(rows, key=lambda row: (row.repository, row.source, row.campaign or ""))
