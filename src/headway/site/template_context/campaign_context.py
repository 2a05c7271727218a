"""The records of the pages of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from headway.metrics.audience_policy import HiddenCounts
from headway.metrics.records import (
    BurndownPoint,
    CampaignForecast,
    ExemptionRow,
    ForecastRecord,
    ItemRow,
    Mark,
    StatusRow,
)
from headway.model.campaign import Campaign
from headway.site.charts.burndown_chart import BurndownChart
from headway.site.charts.burnup_chart import BurnupChart
from headway.site.charts.drift_chart import DriftChart
from headway.site.charts.flow_chart import FlowChart
from headway.site.charts.sparkline import Sparkline
from headway.site.charts.waterfall import Waterfall
from headway.site.template_context.shared_context import Frame, Link, NeedEntry, Paging
from headway.wording.rich_text import Phrase


@dataclass(frozen=True, slots=True)
class RepositoryEntry:
    """One repository in a list."""

    name: str
    link: Link | None
    """None if the repository has no page."""

    forge: str | None
    """The URL of the repository on its forge."""

    status: StatusRow
    waiting_for: str | None
    """What must happen before the repository is done; None if nothing must."""


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """One team in a list."""

    name: str
    link: Link
    status: StatusRow
    sparkline: Sparkline | None


@dataclass(frozen=True, slots=True)
class CaptureChart:
    """Items by captured value: those to remove, and those that replace them."""

    name: str
    """The name of the capture."""

    chart: BurndownChart


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """campaigns/ID/index.html."""

    frame: Frame
    title: str
    summary: str
    status: StatusRow
    verdict: str
    """A sentence that says whether the campaign will meet its due date, and why."""

    needs: tuple[NeedEntry, ...]
    """What to act on, the most pressing first."""

    further_needs: tuple[NeedEntry, ...]
    """The rest, if there is much to act on."""

    paragraph: tuple[Phrase, ...]
    """Progress, recent movement, forecast and next steps in a few sentences, to pass on."""

    definition_change: tuple[Phrase, ...]
    """A sentence where the definition has changed since the last scan; empty where it has not."""

    due_moves: str
    """How often and how far the due date has moved; empty if it never did."""

    forecast: CampaignForecast
    ever: bool
    """Whether there ever was an item; if not, there is nothing to draw."""

    milestones: tuple[StatusRow, ...]
    """Sorted by due date."""

    exemptions: tuple[ExemptionRow, ...]
    """The next to lapse first."""

    definition: Campaign
    starts: date
    by_team: BurndownChart
    """By current owners."""

    by_team_then: BurndownChart | None
    """By historical owners; None if they are the current ones."""

    by_rule: BurndownChart | None
    """None for a campaign with a single rule."""

    captures: tuple[CaptureChart, ...]
    burnup: BurnupChart | None
    flow: FlowChart | None
    record: ForecastRecord
    """What the forecast would have said on earlier days."""

    record_text: str | None
    """A sentence on how well these forecasts held."""

    drift: DriftChart | None
    """How the forecast dates moved over time."""

    waterfalls: tuple[Waterfall, ...]
    """Why the open count changed, for several periods."""

    weeks: tuple[BurndownPoint, ...]
    """The series behind the charts, newest first."""

    teams: tuple[TeamEntry, ...]
    """The team with the most open items first."""

    repositories: tuple[RepositoryEntry, ...]
    """The first repositories that have or had an item."""

    all_repositories: Link | None
    """The list of all of them; None if `repositories` is complete."""

    unknown: tuple[RepositoryEntry, ...]
    """The first repositories whose state is unknown, with reasons."""

    unknown_count: int
    regressed: tuple[ItemRow, ...]
    """The first open items that had been fixed before."""

    regressed_count: int
    stalled: tuple[RepositoryEntry, ...]
    """The first repositories with open items and no fix for `stalled_after_weeks`."""

    stalled_count: int
    stalled_after_weeks: int
    hidden: HiddenCounts | None
    """Totals of the repositories that this page's readers may not see; None if there are none."""

    marks: tuple[Mark, ...]
    """Changes that the chart marks, newest first."""

    more_marks: int
    """How many older marks there are."""

    source: Link | None
    """The campaign's file; None if it is not published."""

    files: tuple[Link, ...]
    """Tables for programs."""


@dataclass(frozen=True, slots=True)
class RepositoriesPage:
    """campaigns/ID/repositories.html: every repository of a campaign."""

    frame: Frame
    title: str
    repositories: tuple[RepositoryEntry, ...]
    count: int
    """The number of repositories on all pages of the list."""

    paging: Paging
