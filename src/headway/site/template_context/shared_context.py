"""Records that several template contexts contain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from headway.metrics.attention.attention_records import NeedKind
from headway.metrics.records import ItemRow, StatusRow, TeamContact
from headway.site.charts.sparkline import Sparkline
from headway.wording.rich_text import Phrase

_NEIGHBOURS = 2
"""The number of pages that `Paging.near` lists before and after the current page."""


class Link(NamedTuple):
    """A link to a page or file of the site."""

    text: str
    href: str
    """The URL, relative to the page that contains the link."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The data that every page shows, such as title, breadcrumbs and the day of the scan."""

    title: str
    path: str
    """The page's path, relative to the site's root."""

    root: str
    """The relative URL from the page to the site's root, such as `../../`."""

    trail: tuple[Link, ...]
    """The breadcrumbs, which link to the pages above this page, index page first."""

    today: date
    """The day that the numbers on the page describe."""

    scanned_on: date | None
    """The UTC day on which the latest scan ended, or None before the first scan."""

    scanned_at: datetime | None
    """The end of the latest scan in UTC, set only on the index page.

    On all other pages, the value is None, so that a scan without changes does not change them.
    """

    stale: bool
    """Whether the latest scan ended at least three days ago."""

    feed: Link | None = None
    """A link to the campaign's Atom feed, or None on pages that are not about a single campaign."""


@dataclass(frozen=True, slots=True)
class ItemsDue:
    """A campaign's open items with the same due date."""

    day: date | None
    """The due date (inclusive), or None if the items have no due date."""

    milestone: str | None
    """The milestone that is due on this day, or None for the campaign's own due date."""

    items: int


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    """A campaign in the list on a team's or repository's page."""

    link: Link
    items: Link | None
    """A link to the campaign's section in the list of items, or None without open items."""

    status: StatusRow
    """The status of the team's or repository's part of the campaign.

    If items are open, `due` is their earliest due date, and `milestone` is the milestone with this
    due date.
    """

    dues: tuple[ItemsDue, ...]
    """The number of open items by due date, earliest date first. Empty without open items."""

    sparkline: Sparkline | None
    week: Mapping[str, int]
    """The numbers of fixed, new and regressed items in the current week, by column of the ledger.
    Empty on a repository's page.
    """


@dataclass(frozen=True, slots=True)
class Paging:
    """The pages of a long list, and the position of the current page."""

    number: int
    """The number of the current page, starting at 1."""

    pages: tuple[Link, ...]
    """Links to all pages of the list, in order."""

    @property
    def near(self) -> tuple[Link | None, ...]:
        """Links to the first, the last and the neighbouring pages. None stands for a gap."""
        count = len(self.pages)
        if count <= 2 * _NEIGHBOURS + 5:
            return self.pages
        # Keep the number of links constant. Near one end, list more pages towards the other end.
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
        """A link to the previous page, or None on the first page."""
        return self.pages[self.number - 2] if self.number > 1 else None

    @property
    def next(self) -> Link | None:
        """A link to the next page, or None on the last page."""
        return self.pages[self.number] if self.number < len(self.pages) else None


class ChangeEntry(NamedTuple):
    """A change of the open count by a commit, a change of scope or exemptions, or a move."""

    day: date
    repository: str
    link: Link | None
    """A link to the repository's page, or None if it has no page."""

    commit: str | None
    """The commit, or None for a change that no commit made."""

    url: str | None
    """The URL of the commit's page on its forge, or None if unknown."""

    author: str | None
    """The author of the commit, or None if unknown."""

    moved: str
    """The changes in words, such as `+1 new, −3 fixed`."""

    items: int
    """The number of items that entered or left the open count."""


@dataclass(frozen=True, slots=True)
class Movers:
    """The causes of one kind of change in a period."""

    changes: tuple[ChangeEntry, ...]
    """The largest changes. Each change counts only items of this kind."""

    more: int
    """The number of changes that are not in `changes`."""


@dataclass(frozen=True, slots=True)
class NeedMember:
    """One of several teams that must take the same action."""

    name: str
    team: str | None
    """The relative URL of the team's page, or None if the team has no page."""

    items: int


@dataclass(frozen=True, slots=True)
class NeedEntry:
    """An action that somebody must take."""

    kind: NeedKind
    who: str | None
    """The team or person who must act, or None if nobody is named or several teams must act."""

    contact: TeamContact | None
    """The team's lead and channel from `teams.yaml`, or None if the file does not list them."""

    what: Phrase
    """The action, as a sentence without a full stop."""

    campaigns: tuple[str, ...]
    """The titles of the campaigns that need the action. Empty on a campaign's own page."""

    more_campaigns: int
    """The number of campaigns that need the action but are not in `campaigns`."""

    team: str | None
    """The relative URL of the responsible team's page, or None without a link."""

    deadline: date | None
    """The earliest due date, of a campaign or a milestone, that cannot be met without the action.
    It may be in the past. None if there is no such due date.
    """

    members: tuple[NeedMember, ...] = ()
    """The teams that must take the same action, most items first. Empty for a single team."""


class FileItems(NamedTuple):
    """The open items in one file."""

    path: str
    places: tuple[ItemRow, ...]
    """The items, sorted by line."""

    @property
    def whole(self) -> ItemRow | None:
        """The item that is the whole file, or None if the items are lines in the file."""
        only = self.places[0] if len(self.places) == 1 else None
        return only if only is not None and only.line is None else None


@dataclass(frozen=True, slots=True)
class RepositoryItems:
    """The open items in one repository."""

    name: str
    link: Link | None
    files: tuple[FileItems, ...]

    @property
    def count(self) -> int:
        """The number of items in all files of the repository."""
        return sum(len(file.places) for file in self.files)


@dataclass(frozen=True, slots=True)
class CampaignItems:
    """The open items of a campaign on one page of a team's or repository's list of items."""

    campaign: Link
    anchor: str
    """The HTML ID of the campaign's section on the page."""

    status: StatusRow
    """The status of the team's or repository's part of the campaign, as in `CampaignEntry`."""

    due: str
    """The due dates of the open items in words, such as `30 Dec 2026 for APIs (2 items), in 4
    weeks; 8 Jun 2027 for the rest`. Empty without a due date.
    """

    repositories: tuple[RepositoryItems, ...]
    count: int
    """The number of items on this page."""

    several: bool
    """Whether the campaign has more than one rule."""

    checklist: str
    """The items as a Markdown task list for pasting into an issue."""

    more: Link | None
    """A link to the next page that lists the campaign's items, or None on the last page."""
