"""Records for the templates of a campaign's pages."""

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
    """What the repository needs before it is done, such as `3 fixes`; None if it needs nothing."""


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """One team in a list."""

    name: str
    link: Link
    status: StatusRow
    sparkline: Sparkline | None


@dataclass(frozen=True, slots=True)
class CaptureChart:
    """A chart of items by captured value: items to remove, and items that replace them."""

    name: str
    """The name of the capture in the rules, such as `version`."""

    chart: BurndownChart


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """The page `campaigns/ID/index.html`."""

    frame: Frame
    title: str
    summary: str
    status: StatusRow
    verdict: str
    """A sentence that says whether the campaign will meet its due date, and why."""

    needs: tuple[NeedEntry, ...]
    """The most urgent of the actions needed, most urgent first."""

    further_needs: tuple[NeedEntry, ...]
    """The remaining actions needed; empty if `needs` holds all of them."""

    paragraph: tuple[Phrase, ...]
    """A few sentences on progress, recent changes, forecast and next steps, ready to paste."""

    definition_change: tuple[Phrase, ...]
    """A sentence where the definition has changed since the last scan; empty where it has not."""

    due_moves: str
    """How often and how far the due date has moved; empty if it never did."""

    forecast: CampaignForecast
    ever: bool
    """Whether the campaign has ever had an item. If not, the page shows no charts."""

    milestones: tuple[StatusRow, ...]
    """Sorted by due date."""

    exemptions: tuple[ExemptionRow, ...]
    """Exemptions in force first, then lapsed ones; both sorted by expiry date."""

    definition: Campaign
    starts: date
    by_team: BurndownChart
    """Open items by current owner."""

    by_team_then: BurndownChart | None
    """Open items by historical owner; None if no owner has changed."""

    by_rule: BurndownChart | None
    """Open items by rule; None for a campaign with a single rule."""

    captures: tuple[CaptureChart, ...]
    burnup: BurnupChart | None
    flow: FlowChart | None
    record: ForecastRecord
    """The forecasts as they would have been on earlier days, and how many of them were missed."""

    record_text: str | None
    """A sentence on how accurate the earlier forecasts were; None with fewer than two of them."""

    drift: DriftChart | None
    """How the forecast finish date changed over time; None with fewer than two forecasts."""

    waterfalls: tuple[Waterfall, ...]
    """Why the open count changed: one chart per period."""

    weeks: tuple[BurndownPoint, ...]
    """The weekly numbers behind the charts, newest first."""

    teams: tuple[TeamEntry, ...]
    """Sorted by open items, most first."""

    repositories: tuple[RepositoryEntry, ...]
    """Repositories that have or had an item, most open items first; long lists are cut."""

    all_repositories: Link | None
    """A link to the list of all repositories; None if `repositories` is complete."""

    unknown: tuple[RepositoryEntry, ...]
    """Repositories whose state is unknown; long lists are cut."""

    unknown_count: int
    """The number of all repositories whose state is unknown."""

    regressed: tuple[ItemRow, ...]
    """Open items that had been fixed before; long lists are cut."""

    regressed_count: int
    """The number of all open items that had been fixed before."""

    stalled: tuple[RepositoryEntry, ...]
    """Repositories with open items and no fix for `stalled_after_weeks`; long lists are cut."""

    stalled_count: int
    """The number of all stalled repositories."""

    stalled_after_weeks: int
    """The number of weeks without a fix after which a repository is stalled."""

    hidden: HiddenCounts | None
    """Totals of the repositories that this page's readers may not see; None if there are none."""

    marks: tuple[Mark, ...]
    """Changes that are marked on the chart, newest first; long lists are cut."""

    more_marks: int
    """The number of older changes that `marks` leaves out."""

    source: Link | None
    """A link to the campaign's file; None if the file is not published."""

    files: tuple[Link, ...]
    """Links to the page's data as CSV and JSON."""


@dataclass(frozen=True, slots=True)
class RepositoriesPage:
    """The page `campaigns/ID/repositories.html`: every repository of a campaign."""

    frame: Frame
    title: str
    repositories: tuple[RepositoryEntry, ...]
    count: int
    """The number of repositories on all pages of the list."""

    paging: Paging
