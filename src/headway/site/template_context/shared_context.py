"""Records that several pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from headway.metrics.attention.attention_records import NeedKind
from headway.metrics.records import ItemRow, StatusRow, TeamContact
from headway.site.charts.sparkline import Sparkline
from headway.wording.rich_text import Phrase

_NEIGHBOURS = 2
"""The number of pages that `Paging.near` lists on either side of the current page."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page or file of this site."""

    text: str
    href: str
    """Relative to the page that the link is on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The title, breadcrumbs, date and scan time that every page shows."""

    title: str
    path: str
    """The page's path below the site's root."""

    root: str
    """The relative URL of the site's root, such as `../../`."""

    trail: tuple[Link, ...]
    """Breadcrumbs: links to the pages above this one, the index first."""

    today: date
    """The date that the page is about."""

    scanned_on: date | None
    """The UTC day on which the latest scan ended; None before the first scan."""

    scanned_at: datetime | None
    """The time at which the latest scan ended, in UTC. None on all pages except the index, so that
    a scan that finds no changes does not change these pages."""

    stale: bool
    """Whether the latest scan ended three days ago or earlier."""

    feed: Link | None = None
    """A link to the Atom feed of the campaign that the page is about."""


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """One campaign in a list on the page of a team or repository."""

    link: Link
    items: Link | None
    """A link to the first open item of the campaign in the list below; None without open items."""

    status: StatusRow
    """The status of the team's or repository's part of the campaign.

    On a team's page, `due` is the nearest due date of its open items, and `milestone` the milestone
    that is due then.
    """

    sparkline: Sparkline | None
    week: Mapping[str, int]
    """The changes of the current week: ledger column to number of items."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The position of a page in a long list."""

    number: int
    """The number of this page, starting at 1."""

    pages: tuple[Link, ...]
    """Links to all pages, in order."""

    @property
    def near(self) -> tuple[Link | None, ...]:
        """Link to the first page, the last page and the pages around this one; None is a gap."""
        count = len(self.pages)
        if count <= 2 * _NEIGHBOURS + 5:
            return self.pages
        # near the first or last page, list more on the other side: the row keeps its length
        middle = min(max(self.number, _NEIGHBOURS + 3), count - _NEIGHBOURS - 2)
        first, last = middle - _NEIGHBOURS, middle + _NEIGHBOURS
        return (
            self.pages[0],
            self.pages[1] if first == 3 else None,
            *self.pages[first - 1 : last],
            self.pages[-2] if last == count - 2 else None,
            self.pages[-1],
        )

    @property
    def previous(self) -> Link | None:
        """The page before this one; None on the first page."""
        return self.pages[self.number - 2] if self.number > 1 else None

    @property
    def next(self) -> Link | None:
        """The page after this one; None on the last page."""
        return self.pages[self.number] if self.number < len(self.pages) else None


@dataclass(frozen=True, slots=True)
class NeedEntry:
    """An action that somebody must take."""

    kind: NeedKind
    who: str | None
    """The team or person who must act; None if nobody is named."""

    contact: TeamContact | None
    """The team's lead and channel from `teams.yaml`; None if they are not listed there."""

    what: Phrase
    """What to do, as a sentence without its full stop."""

    campaigns: tuple[str, ...]
    """Titles of the campaigns that the action is for; empty on the page of a campaign."""

    more_campaigns: int
    """The number of campaigns that `campaigns` leaves out."""

    team: str | None
    """The `href` of the page of the team that must act; None if there is no such page."""


@dataclass(frozen=True, slots=True)
class FileItems:
    """The items of one file."""

    path: str
    places: tuple[ItemRow, ...]
    """Sorted by line."""

    @property
    def whole(self) -> ItemRow | None:
        """The item that stands for the whole file; None if the items are lines of the file."""
        only = self.places[0] if len(self.places) == 1 else None
        return only if only is not None and only.line is None else None


@dataclass(frozen=True, slots=True)
class RepositoryItems:
    """The items of one repository."""

    name: str
    link: Link | None
    files: tuple[FileItems, ...]

    @property
    def count(self) -> int:
        """The number of items."""
        return sum(len(file.places) for file in self.files)


@dataclass(frozen=True, slots=True)
class CampaignItems:
    """The open items of one campaign on one page of a list."""

    campaign: Link
    anchor: str
    """The HTML id of this section of the page."""

    status: StatusRow
    repositories: tuple[RepositoryItems, ...]
    count: int
    """The number of items on this page."""

    several: bool
    """Whether the campaign has more than one rule."""

    checklist: str
    """The items as a Markdown task list."""

    more: Link | None
    """A link to the next page with items of the campaign; None if there is none."""
