"""Records for the template of a team's pages."""

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
    Link,
    Paging,
)


@dataclass(frozen=True, slots=True)
class TeamThroughput:
    """A team's fixes over periods of four weeks; the last period includes the current week."""

    fixed: int
    """Items fixed in the last four weeks."""

    before: int
    """Items fixed in the four weeks before the last four."""

    best: int
    """The most items that the team has fixed in any four consecutive weeks."""

    added: int
    """Items that were new or regressed in the last four weeks."""


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A repository in which the team has open items."""

    link: Link
    open: int
    """The number of the team's open items in the repository."""


@dataclass(frozen=True, slots=True)
class TeamPage:
    """The page `teams/NAME/index.html`, or a later page of its list."""

    frame: Frame
    name: str
    contact: TeamContact | None
    """The team's lead and channel from `teams.yaml`; None if they are not listed there."""

    campaigns: tuple[CampaignEntry, ...]
    """The campaigns in which the team has or had items, sorted by due date."""

    left: tuple[CampaignItems, ...]
    """The open items on this page by campaign; page 1 lists all campaigns with open items."""

    open: int
    """Open items on all pages."""

    withheld: int
    """The number of open items that are not shown, because not all readers may see them."""

    oldest: date | None
    """The day on which the oldest open item was opened."""

    soonest: date | None
    """The earliest due date of a campaign or milestone in which the team has open items."""

    soonest_milestone: str | None
    """The milestone that is due then; None if the whole campaign is."""

    pace: TeamThroughput | None
    """The team's fixes in all campaigns; None on later pages."""

    chart: BurndownChart | None
    """Open items in all campaigns, by campaign; None on later pages."""

    flow: FlowChart | None
    """Items fixed and added per week in all campaigns; None on later pages."""

    places: tuple[OpenPlace, ...]
    """The repositories with the most open items; long lists are cut."""

    more_places: int
    """The number of repositories that `places` leaves out."""

    paging: Paging
    files: tuple[Link, ...]
    """Links to the team's items as CSV and JSON."""
