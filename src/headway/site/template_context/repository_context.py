"""The record of the pages of a repository."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from headway.site.template_context.shared_context import (
    CampaignEntry,
    CampaignItems,
    Frame,
    Link,
    Paging,
)


@dataclass(frozen=True, slots=True)
class PastEntry:
    """What one week moved in one campaign."""

    day: date
    """The last day of the week."""

    campaign: Link
    moved: str
    """The movements in words."""

    open: int
    """Open items at the end of the week."""


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """repositories/NAME/index.html and its further pages."""

    frame: Frame
    name: str
    forge: str | None
    """The URL of the repository on its forge."""

    campaigns: tuple[CampaignEntry, ...]
    """The campaigns in which the repository has or had items, or is unknown."""

    left: tuple[CampaignItems, ...]
    """The open items on this page; the first page lists every campaign that has any."""

    open: int
    """Open items on all pages."""

    withheld: int
    """Open items that this page must not quote."""

    past: tuple[PastEntry, ...]
    """The latest weeks in which something moved, newest first; empty on further pages."""

    more_past: int
    """How many earlier weeks there are."""

    paging: Paging
