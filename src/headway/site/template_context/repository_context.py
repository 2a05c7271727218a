"""Template context of a repository's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from headway.site.template_context.shared_context import (
    CampaignEntry,
    CampaignItems,
    ChangeEntry,
    Frame,
    Link,
    Paging,
)


class PastEntry(NamedTuple):
    """The changes in one campaign in one week."""

    day: date
    """The last day of the week."""

    campaign: Link
    moved: str
    """The changes in words, such as `+1 new, −3 fixed`."""

    open: int
    """The number of open items at the end of the week."""

    changes: tuple[ChangeEntry, ...]
    """The commits that fixed or opened items in the week, largest change first. A long list is
    truncated.
    """

    more: int
    """The number of commits that are not in `changes`."""


@dataclass(frozen=True, slots=True)
class OwnerEntry:
    """A team that owns open items in the repository."""

    link: Link
    open: int
    """The number of the team's open items in the repository."""


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """The page of one repository, `repositories/NAME/index.html`, or a later page of its items."""

    frame: Frame
    name: str
    forge: str | None
    """The URL of the repository on its forge, or None if unknown."""

    campaigns: tuple[CampaignEntry, ...]
    """The campaigns in which the repository has or had an item, or is unknown."""

    left: tuple[CampaignItems, ...]
    """The open items on this page, by campaign. Page 1 lists all campaigns with open items."""

    open: int
    """The total number of open items across all pages of the list."""

    withheld: int
    """The number of open items that are hidden because not all readers are allowed to see them."""

    teams: tuple[OwnerEntry, ...]
    """The teams that own the open items, most items first. Empty if the items are hidden."""

    past: tuple[PastEntry, ...]
    """The most recent weeks with changes, newest first. Empty on later pages."""

    more_past: int
    """The number of earlier weeks with changes, or 0 on later pages."""

    paging: Paging
