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
"""How many pages on either side of the current one `Paging.near` lists."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page or file of this site."""

    text: str
    href: str
    """Relative to the page that the link is on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page."""

    title: str
    path: str
    """The page's path below the site's root."""

    root: str
    """The way from the page back to the root, such as `../../`."""

    trail: tuple[Link, ...]
    """The pages above this one, the index first."""

    today: date
    scanned_on: date | None
    """The UTC day on which the latest scan ended; None before the first scan."""

    scanned_at: datetime | None
    """When the latest scan ended, in UTC. Only the index has it, so that a scan that finds nothing
    leaves all other pages as they are."""

    stale: bool
    """Whether the latest scan ended three days ago or earlier."""

    feed: Link | None = None
    """An Atom feed about the page's subject."""


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """One campaign in a list on the page of a team or repository."""

    link: Link
    items: Link | None
    """Where the open items of the campaign begin; None if there are none."""

    status: StatusRow
    """The status of the team's or repository's part of the campaign."""

    sparkline: Sparkline | None
    week: Mapping[str, int]
    """What the current week moved, by the names of the ledger's columns."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The position of a page in a long list."""

    number: int
    """From 1."""

    pages: tuple[Link, ...]
    """All pages in order."""

    @property
    def near(self) -> tuple[Link | None, ...]:
        """The first page, the last page and those around this one; None stands for a gap."""
        count = len(self.pages)
        if count <= 2 * _NEIGHBOURS + 5:
            return self.pages
        # as many at either end, so that the row always has the same length
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
    """One thing that somebody must act on."""

    kind: NeedKind
    who: str | None
    """The team or person who must act; None if nobody is named."""

    contact: TeamContact | None
    """Whom to talk to in a team of `teams.yaml`."""

    what: Phrase
    """What to do, as a sentence without its full stop."""

    campaigns: tuple[str, ...]
    """Titles of the first of the campaigns concerned; empty on a campaign's own page."""

    more_campaigns: int
    """How many further campaigns are concerned."""

    team: str | None
    """The `href` of the page of the team that must act; None if it is not a team."""


@dataclass(frozen=True, slots=True)
class FileItems:
    """The items of one file."""

    path: str
    places: tuple[ItemRow, ...]
    """Sorted by line."""

    @property
    def whole(self) -> ItemRow | None:
        """The item, if it is about the file as a whole; otherwise None."""
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
    """The id of this part of the page."""

    status: StatusRow
    repositories: tuple[RepositoryItems, ...]
    count: int
    """The number of items on this page."""

    several: bool
    """Whether the campaign has more than one rule."""

    checklist: str
    """The items as a Markdown task list."""

    more: Link | None
    """The next page with items of the campaign; None if there is none."""
