"""Template context of a team's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from headway.metrics.records import TeamContact
from headway.site.charts.burndown_chart import BurndownChart
from headway.site.charts.flow_chart import FlowChart
from headway.site.template_context.shared_context import (
    CampaignEntry,
    CampaignItems,
    Frame,
    ItemsDue,
    Link,
    NeedEntry,
    Paging,
)


@dataclass(frozen=True, slots=True)
class TeamThroughput:
    """A team's throughput in the last four weeks, compared with earlier periods of four weeks.

    The last four weeks include the current week.
    """

    fixed: int
    """The number of items fixed in the last four weeks."""

    before: int
    """The number of items fixed in the preceding four weeks."""

    best: int
    """The highest number of items that the team has fixed in four consecutive weeks."""

    added: int
    """The number of items that were new or regressed in the last four weeks."""


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A repository in which the team has open items."""

    link: Link
    open: int
    """The number of the team's open items in the repository."""


@dataclass(frozen=True, slots=True)
class TeamPage:
    """The page of a team, `teams/NAME/index.html`, or a later page of its items."""

    frame: Frame
    name: str
    contact: TeamContact | None
    """The team's lead and channel from `teams.yaml`, or None if the file does not list them."""

    needs: tuple[NeedEntry, ...]
    """The team's most urgent actions, most urgent first. Empty on later pages."""

    further_needs: tuple[NeedEntry, ...]
    """The other actions that the team must take. Empty on later pages."""

    campaigns: tuple[CampaignEntry, ...]
    """The campaigns in which the team has or had an item, sorted by due date."""

    left: tuple[CampaignItems, ...]
    """The open items on this page, by campaign. Page 1 lists all campaigns with open items."""

    open: int
    """The total number of open items across all pages of the list."""

    withheld: int
    """The number of open items that are hidden because not all readers are allowed to see them."""

    oldest: date | None
    """The day on which the oldest open item was opened, or None if no open items are shown."""

    soonest: ItemsDue | None
    """The open items with the earliest due date, or None if no open item has a due date.

    `milestone` is None unless all of them are due with the same milestone.
    """

    pace: TeamThroughput | None
    """The team's total throughput across all campaigns. None on later pages, and if no week is
    known.
    """

    chart: BurndownChart | None
    """A chart of the team's open items by campaign. None on later pages, and if fewer than two days
    are known or no items were open on these days.
    """

    flow: FlowChart | None
    """A chart of items fixed and added per week across all campaigns. None on later pages, and if
    no items were fixed or added.
    """

    places: tuple[OpenPlace, ...]
    """The repositories with the most open items. A long list is truncated."""

    more_places: int
    """The number of repositories with open items that `places` omits."""

    paging: Paging
    files: tuple[Link, ...]
    """Links to the team's items as CSV and JSON."""
