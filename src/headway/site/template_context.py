"""What each page is given, as `page`: one record a page, documented and tested.

These are what a template of your own can count on; docs/pages.md lists them. `None` means not
known, or not enough history to say. Every `href` is relative to the page that it stands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from headway.metrics.attention.attention_records import NeedKind
from headway.metrics.audience_policy import HiddenCounts
from headway.metrics.records import (
    BurndownPoint,
    CampaignForecast,
    ExemptionRow,
    ForecastRecord,
    ItemRow,
    Mark,
    StatusRow,
    TeamContact,
)
from headway.model.campaign import Campaign
from headway.progress.state import Health
from headway.site.charts.burndown_chart import BurndownChart
from headway.site.charts.burnup_chart import BurnupChart
from headway.site.charts.drift_chart import DriftChart
from headway.site.charts.flow_chart import FlowChart
from headway.site.charts.sparkline import Sparkline
from headway.site.charts.timeline import Timeline, Track
from headway.site.charts.waterfall import Waterfall
from headway.wording.rich_text import Phrase


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
    scanned_on: the UTC day on which the latest scan ended. scanned_at: when on that day; None on
    the pages of teams and repositories, which a scan that finds nothing new there leaves alone.
    stale: whether that was three days ago or more.
    feed: an Atom feed about the page's subject.
    """

    title: str
    path: str
    root: str
    trail: tuple[Link, ...]
    today: date
    scanned_on: date | None
    scanned_at: datetime | None
    stale: bool
    feed: Link | None = None


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """One campaign in a list. status: of its part in the page's team or repository.

    items: where on these pages its open items are; None when there are none. week: what the
    running week moved, by the ledger's names.
    """

    link: Link
    items: Link | None
    status: StatusRow
    sparkline: Sparkline | None
    week: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PortfolioEntry:
    """One campaign on the index. verdict: whether it will be in time and why, in a sentence.

    track: its forecast against its due date, on the page's timeline. change: of its open items
    in the last seven days.
    """

    link: Link
    status: StatusRow
    verdict: str
    sparkline: Sparkline | None
    track: Track | None
    change: int


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


_AROUND = 2


@dataclass(frozen=True, slots=True)
class Paging:
    """Where in a long list a page is; numbers begin with 1. pages: all of them in order.

    near: the first, the last and those around this one; None where some are left out.
    """

    number: int
    pages: tuple[Link, ...]

    @property
    def near(self) -> tuple[Link | None, ...]:
        """The first page, the last and those around this one; None where some are left out."""
        count = len(self.pages)
        if count <= 2 * _AROUND + 5:
            return self.pages
        # so many at either end that the row never changes its length
        middle = min(max(self.number, _AROUND + 3), count - _AROUND - 2)
        first, last = middle - _AROUND, middle + _AROUND
        return (
            self.pages[0],
            self.pages[1] if first == 3 else None,
            *self.pages[first - 1 : last],
            self.pages[-2] if last == count - 2 else None,
            self.pages[-1],
        )

    @property
    def previous(self) -> Link | None:
        """The page before; None on the first."""
        return self.pages[self.number - 2] if self.number > 1 else None

    @property
    def next(self) -> Link | None:
        """The page after; None on the last."""
        return self.pages[self.number] if self.number < len(self.pages) else None


@dataclass(frozen=True, slots=True)
class HealthPart:
    """How many campaigns fare alike. start, width: of its part of a bar, in percent."""

    health: Health
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all campaigns; a repository in two campaigns is counted once.

    week: what the last seven days moved, by the ledger's names. attention: campaigns that are off
    track or stalled, the first of them; attention_count: how many there are. at_risk: how many
    campaigns are. health: the best first.
    """

    campaigns: int
    open: int
    fixed: int
    exempt: int
    repositories: int
    unknown: int
    week: Mapping[str, int]
    attention: tuple[Link, ...]
    attention_count: int
    at_risk: int
    health: tuple[HealthPart, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one team has left of one campaign; heat: 0 for nothing to 4 for the most of all.

    open is None where the team never had anything of it. link: to that part of the team's page.
    """

    open: int | None
    heat: int
    link: Link | None


@dataclass(frozen=True, slots=True)
class Column:
    """A campaign at the head of a column."""

    link: Link
    due: date | None


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

    campaigns: tuple[Column, ...]
    rows: tuple[MatrixRow, ...]
    more: int


@dataclass(frozen=True, slots=True)
class NeedEntry:
    """One thing to act on. who: whom it is for; None where nobody is known. contact: whom to speak
    to there, of a team of `teams.yaml`. what: as a sentence begins. campaigns: titles of the first
    of those that it is about, and more_campaigns how many others there are; empty on the page of
    one. team: where the page of the team is that it is for; None for others.
    """

    kind: NeedKind
    who: str | None
    contact: TeamContact | None
    what: Phrase
    campaigns: tuple[str, ...]
    more_campaigns: int
    team: str | None


@dataclass(frozen=True, slots=True)
class WeekRow:
    """What the last seven days moved in a campaign. moved: in the order of the columns.

    words: who moved it, and what became of its health and forecast, in sentences.
    """

    campaign: Link
    before: int
    moved: tuple[int, ...]
    after: int
    words: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """What the last seven days moved: only campaigns and columns in which something did.

    columns: what to call the ledger's movements. quiet: campaigns in which nothing moved.
    """

    columns: tuple[str, ...]
    rows: tuple[WeekRow, ...]
    quiet: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """index.html: campaigns by what is due first. timeline: the scale of their tracks.

    needs: what to act on first; more_needs: how many others there are.
    """

    frame: Frame
    totals: Totals
    campaigns: tuple[PortfolioEntry, ...]
    timeline: Timeline | None
    matrix: Matrix
    week: Week
    needs: tuple[NeedEntry, ...]
    more_needs: int
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CaptureChart:
    """Items by the value of a capture: what must go, and what replaces it. name: the capture."""

    name: str
    chart: BurndownChart


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """campaigns/ID/index.html.

    ever: whether there ever was an item; else there is nothing to draw.

    verdict: whether it will be in time and why, in a sentence. needs: what to act on, the most
    pressing first; further_needs: the rest where there are many. paragraph: how far it is, what
    moved, when it ends and what is needed, one phrase a sentence, to pass on. by_team,
    by_team_then, by_rule: the burndown in layers, by today's owners, by those of each day (None
    where that is the same), and by rule (None with a single one). record: what the forecast said
    earlier; drift draws it, and record_text says in a sentence how its days have held. captures: by
    what the rules captured. weeks: the series behind the charts, newest first. milestones: by due
    date. exemptions: those that lapse first at the top. repositories: the first of those that have
    or had an item; all_repositories leads to the rest. unknown: the first of those whose state is
    not known, with reasons; unknown_count: how many there are. regressed: open items that were
    fixed before. stalled: the first of the repositories with open items and no fix for
    stalled_after_weeks; stalled_count: how many there are. marks: newest first; more_marks: older
    ones. source: the campaign's file; None where it is not published.
    """

    frame: Frame
    title: str
    summary: str
    status: StatusRow
    verdict: str
    needs: tuple[NeedEntry, ...]
    further_needs: tuple[NeedEntry, ...]
    paragraph: tuple[Phrase, ...]
    forecast: CampaignForecast
    ever: bool
    milestones: tuple[StatusRow, ...]
    exemptions: tuple[ExemptionRow, ...]
    definition: Campaign
    starts: date
    by_team: BurndownChart
    by_team_then: BurndownChart | None
    by_rule: BurndownChart | None
    captures: tuple[CaptureChart, ...]
    burnup: BurnupChart | None
    flow: FlowChart | None
    record: ForecastRecord
    record_text: str | None
    drift: DriftChart | None
    waterfalls: tuple[Waterfall, ...]
    weeks: tuple[BurndownPoint, ...]
    teams: tuple[TeamEntry, ...]
    repositories: tuple[RepositoryEntry, ...]
    all_repositories: Link | None
    unknown: tuple[RepositoryEntry, ...]
    unknown_count: int
    regressed: tuple[ItemRow, ...]
    regressed_count: int
    stalled: tuple[RepositoryEntry, ...]
    stalled_count: int
    stalled_after_weeks: int
    hidden: HiddenCounts | None
    marks: tuple[Mark, ...]
    more_marks: int
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

    @property
    def whole(self) -> ItemRow | None:
        """The one item, when it is the file as a whole; else None."""
        only = self.places[0] if len(self.places) == 1 else None
        return only if only is not None and only.line is None else None


@dataclass(frozen=True, slots=True)
class RepositoryItems:
    """The items of one repository, by file. link: its page."""

    name: str
    link: Link | None
    files: tuple[FileItems, ...]

    @property
    def count(self) -> int:
        """How many items these are."""
        return sum(len(file.places) for file in self.files)


@dataclass(frozen=True, slots=True)
class CampaignItems:
    """What is left of one campaign. anchor: its id on the page. count: of the items on this page.

    several: whether the campaign has more than one rule. checklist: as Markdown. more: the further
    page on which its items begin or go on; None when there is none.
    """

    campaign: Link
    anchor: str
    status: StatusRow
    repositories: tuple[RepositoryItems, ...]
    count: int
    several: bool
    checklist: str
    more: Link | None


@dataclass(frozen=True, slots=True)
class Pace:
    """What a team fixed: in the last four weeks, in the four before them, and in its best four
    since the first campaign began; the running week is one of them. added: new or back in the
    last four weeks.
    """

    fixed: int
    before: int
    best: int
    added: int


@dataclass(frozen=True, slots=True)
class Place:
    """A repository and how many open items are in it."""

    link: Link
    open: int


@dataclass(frozen=True, slots=True)
class TeamPage:
    """teams/NAME/index.html, and its further pages.

    contact: whom to speak to, of a team of `teams.yaml`. campaigns: those that it has or had
    something of, due soonest first. left: the open items of this page; on the first one every
    campaign that has any. open: all of them. withheld: open items that this page may not quote.
    oldest: the day on which the oldest open item was opened. soonest: the next day that something
    open is due. pace, chart, flow: of all campaigns together; only on the first page. places: the
    repositories with most of it; more_places: how many others there are.
    """

    frame: Frame
    name: str
    contact: TeamContact | None
    campaigns: tuple[CampaignEntry, ...]
    left: tuple[CampaignItems, ...]
    open: int
    withheld: int
    oldest: date | None
    soonest: date | None
    pace: Pace | None
    chart: BurndownChart | None
    flow: FlowChart | None
    places: tuple[Place, ...]
    more_places: int
    paging: Paging
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PastEntry:
    """What a week moved of one campaign. day: its last. moved: in words. open: items after it."""

    day: date
    campaign: Link
    moved: str
    open: int


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """repositories/NAME/index.html, and its further pages; fields as in `TeamPage`.

    past: the latest weeks in which something moved, newest first; only on the first page.
    more_past: how many there are before them.
    """

    frame: Frame
    name: str
    forge: str | None
    campaigns: tuple[CampaignEntry, ...]
    left: tuple[CampaignItems, ...]
    open: int
    withheld: int
    past: tuple[PastEntry, ...]
    more_past: int
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
