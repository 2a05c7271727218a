"""What each page is given, as `page`: one record a page, documented and tested.

These are what a template of your own can count on; docs/pages.md lists them. `None` means not
known, or not enough history to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from headway.answers.records import BurndownPoint, ItemRow, Mark, StatusRow
from headway.definition.campaign import Campaign
from headway.pages.charts import BurndownChart, Sparkline


@dataclass(frozen=True, slots=True)
class Link:
    """A page of this site. href: relative to the page that it stands on."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page.

    title: of the page, for its head. path: where it lies below the site's root. root: the way
    from there back to the root, such as `../../`. trail: the pages above it, the index first.
    scanned_at: when the latest scan ended, in UTC.
    """

    title: str
    path: str
    root: str
    trail: tuple[Link, ...]
    today: date
    scanned_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """One campaign in a list. week: what the last seven days moved."""

    link: Link
    status: StatusRow
    sparkline: Sparkline | None
    week: BurndownPoint | None


@dataclass(frozen=True, slots=True)
class RepositoryEntry:
    """One repository in a list; link is None where it has no page. forge: its page there."""

    name: str
    link: Link | None
    forge: str | None
    status: StatusRow


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all campaigns; a repository in two campaigns is counted once."""

    campaigns: int
    open: int
    fixed: int
    exempt: int
    repositories: int
    unknown: int


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """index.html: campaigns by what is due first."""

    frame: Frame
    totals: Totals
    campaigns: tuple[CampaignEntry, ...]


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """campaigns/ID/index.html.

    weeks: the series behind the chart, newest first. unknown: repositories whose state is not
    known, with reasons. repositories: all others in scope that ever had an item.
    """

    frame: Frame
    title: str
    summary: str
    status: StatusRow
    definition: Campaign
    starts: date
    chart: BurndownChart
    weeks: tuple[BurndownPoint, ...]
    repositories: tuple[RepositoryEntry, ...]
    unknown: tuple[RepositoryEntry, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class FileItems:
    """The items of one file, by line."""

    path: str
    items: tuple[ItemRow, ...]


@dataclass(frozen=True, slots=True)
class CampaignItems:
    """What is left of one campaign in one place."""

    campaign: Link
    status: StatusRow
    files: tuple[FileItems, ...]
    count: int


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
class RepositoryPage:
    """repositories/NAME/index.html, and its further pages.

    campaigns: those that it is in, due soonest first. left: the open items of this page.
    """

    frame: Frame
    name: str
    forge: str | None
    campaigns: tuple[CampaignEntry, ...]
    left: tuple[CampaignItems, ...]
    open: int
    paging: Paging


Page = PortfolioPage | CampaignPage | RepositoryPage
