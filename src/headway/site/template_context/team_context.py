"""The record of the pages of a team."""

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
    """The number of items that a team fixed in four weeks, of which the current week is one."""

    fixed: int
    """In the last four weeks."""

    before: int
    """In the four weeks before them."""

    best: int
    """In its best four weeks since the first campaign began."""

    added: int
    """Items that were new or came back in the last four weeks."""


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A repository with the number of the team's open items in it."""

    link: Link
    open: int


@dataclass(frozen=True, slots=True)
class TeamPage:
    """teams/NAME/index.html and its further pages."""

    frame: Frame
    name: str
    contact: TeamContact | None
    """Whom to talk to in a team of `teams.yaml`."""

    campaigns: tuple[CampaignEntry, ...]
    """The campaigns in which the team ever had an item, the earliest due date first."""

    left: tuple[CampaignItems, ...]
    """The open items on this page; the first page lists every campaign that has any."""

    open: int
    """Open items on all pages."""

    withheld: int
    """Open items that this page must not quote."""

    oldest: date | None
    """The day on which the oldest open item was opened."""

    soonest: date | None
    """The earliest due date of a campaign with open items."""

    pace: TeamThroughput | None
    """For all campaigns together; None on further pages."""

    chart: BurndownChart | None
    """For all campaigns together; None on further pages."""

    flow: FlowChart | None
    """For all campaigns together; None on further pages."""

    places: tuple[OpenPlace, ...]
    """The repositories with the most open items."""

    more_places: int
    """How many further repositories have open items."""

    paging: Paging
    files: tuple[Link, ...]
    """Tables for programs."""
