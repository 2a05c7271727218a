"""What each page is given, as `page`: one record a page, documented and tested.

These are what a template of your own can count on; docs/pages.md lists them. `None` means not
known, or not enough history to say. Every `href` is relative to the page that it stands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from headway.answers.records import BurndownPoint, ItemRow, Mark, StatusRow
from headway.definition.campaign import Campaign
from headway.pages.charts.burndown import BurndownChart
from headway.pages.charts.burnup import BurnupChart
from headway.pages.charts.flow import FlowChart
from headway.pages.charts.sparkline import Sparkline
from headway.pages.charts.waterfall import Waterfall


@dataclass(frozen=True, slots=True)
class Link:
    """A page or file of this site."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page.

    title: of the page, for its head. path: where it lies below the site's root. root: the way
    from there back to the root, such as `../../`. trail: the pages above it, the index first.
    scanned_at: when the latest scan ended, in UTC. feed: an Atom feed about the page's subject.
    """

    title: str
    path: str
    root: str
    trail: tuple[Link, ...]
    today: date
    scanned_at: datetime | None
    feed: Link | None = None


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """One campaign in a list. status: of it, or of its part in the page's team or repository.

    week: what the last seven days moved, by the ledger's names.
    """

    link: Link
    status: StatusRow
    sparkline: Sparkline | None
    week: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RepositoryEntry:
    """One repository in a list; link is None where it has no page. forge: its page there.

    waiting_for: what it takes to be done, in words; None when nothing.
    """

    name: str
    link: Link | None
    forge: str | None
    status: StatusRow
    waiting_for: str | None


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """One team in a list."""

    name: str
    link: Link
    status: StatusRow
    sparkline: Sparkline | None


@dataclass(frozen=True, slots=True)
class Paging:
    """Where in a long list a page is; numbers begin with 1. pages: all of them in order."""

    number: int
    pages: tuple[Link, ...]

    @property
    def previous(self) -> Link | None:
        """The page before; None on the first."""
        return self.pages[self.number - 2] if self.number > 1 else None

    @property
    def next(self) -> Link | None:
        """The page after; None on the last."""
        return self.pages[self.number] if self.number < len(self.pages) else None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all campaigns; a repository in two campaigns is counted once.

    week: what the last seven days moved, by the ledger's names. attention: campaigns that are off
    track or stalled. health: how many campaigns fare how.
    """

    campaigns: int
    open: int
    fixed: int
    exempt: int
    repositories: int
    unknown: int
    week: Mapping[str, int]
    attention: tuple[Link, ...]
    health: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one team has left of one campaign; heat: 0 for nothing to 4 for the most of all.

    open is None where the team never had anything of it.
    """

    open: int | None
    heat: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One team; cells in the order of the matrix's campaigns. soonest: the next day that
    something open of it is due.
    """

    team: Link
    cells: tuple[Cell, ...]
    open: int
    soonest: date | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Teams by campaigns, what is due soonest first. more: teams that are left out."""

    campaigns: tuple[Link, ...]
    rows: tuple[MatrixRow, ...]
    more: int


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """index.html: campaigns by what is due first."""

    frame: Frame
    totals: Totals
    campaigns: tuple[CampaignEntry, ...]
    matrix: Matrix
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """What this page's readers may not see: counts of it."""

    repositories: int
    open: int


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """campaigns/ID/index.html.

    by_team, by_rule: the burndown in layers; by_rule is None with a single rule. weeks: the
    series behind the chart, newest first. repositories: the first of those that have or had an
    item; all_repositories leads to the rest. unknown: those whose state is not known, with
    reasons. regressed: open items that were fixed before. stalled: repositories with open items
    and no fix for four weeks. source: the campaign's file; None where it is not published.
    """

    frame: Frame
    title: str
    summary: str
    status: StatusRow
    definition: Campaign
    starts: date
    by_team: BurndownChart
    by_rule: BurndownChart | None
    burnup: BurnupChart | None
    flow: FlowChart | None
    waterfalls: tuple[Waterfall, ...]
    weeks: tuple[BurndownPoint, ...]
    teams: tuple[TeamEntry, ...]
    repositories: tuple[RepositoryEntry, ...]
    all_repositories: Link | None
    unknown: tuple[RepositoryEntry, ...]
    regressed: tuple[ItemRow, ...]
    regressed_count: int
    stalled: tuple[RepositoryEntry, ...]
    hidden: Hidden | None
    marks: tuple[Mark, ...]
    source: Link | None
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RepositoriesPage:
    """campaigns/ID/repositories.html: every repository of a campaign."""

    frame: Frame
    title: str
    repositories: tuple[RepositoryEntry, ...]
    count: int
    paging: Paging


@dataclass(frozen=True, slots=True)
class FileItems:
    """The items of one file, by line."""

    path: str
    places: tuple[ItemRow, ...]


@dataclass(frozen=True, slots=True)
class RepositoryItems:
    """The items of one repository, by file. link: its page."""

    name: str
    link: Link | None
    files: tuple[FileItems, ...]


@dataclass(frozen=True, slots=True)
class CampaignItems:
    """What is left of one campaign. count: of the items on this page. checklist: as Markdown."""

    campaign: Link
    status: StatusRow
    repositories: tuple[RepositoryItems, ...]
    count: int
    checklist: str


@dataclass(frozen=True, slots=True)
class TeamPage:
    """teams/NAME/index.html, and its further pages.

    campaigns: those that it has or had something of, due soonest first. left: the open items of
    this page. open: all of them. withheld: open items that this page may not quote. chart: all
    campaigns' open items of this team over time; only on the first page.
    """

    frame: Frame
    name: str
    campaigns: tuple[CampaignEntry, ...]
    left: tuple[CampaignItems, ...]
    open: int
    withheld: int
    chart: BurndownChart | None
    paging: Paging
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """repositories/NAME/index.html, and its further pages; fields as in `TeamPage`."""

    frame: Frame
    name: str
    forge: str | None
    campaigns: tuple[CampaignEntry, ...]
    left: tuple[CampaignItems, ...]
    open: int
    withheld: int
    paging: Paging


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge: `text` on the left, `value` on the right; widths in pixels. kind: its colour."""

    text: str
    value: str
    text_width: int
    value_width: int
    kind: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One week, or one mark, of a campaign. id: an IRI that never changes."""

    id: str
    title: str
    summary: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """An Atom feed of a campaign, newest first."""

    id: str
    title: str
    page: str
    updated: datetime
    entries: tuple[FeedEntry, ...]


Page = PortfolioPage | CampaignPage | RepositoriesPage | TeamPage | RepositoryPage | Badge | Feed
