"""Template context of a campaign's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headway.metrics.audience_policy import HiddenCounts
from headway.metrics.forecast_records import CampaignForecast, ForecastRecord
from headway.metrics.records import BurndownPoint, ExemptionRow, Mark, StatusRow
from headway.model.campaign import Campaign
from headway.site.charts.burndown_chart import BurndownChart
from headway.site.charts.burnup_chart import BurnupChart
from headway.site.charts.capture_chart import CaptureChart
from headway.site.charts.flow_chart import FlowChart
from headway.site.charts.past_tracks import PastTracks
from headway.site.charts.sparkline import Sparkline
from headway.site.charts.waterfall import Waterfall
from headway.site.template_context.listing_context import ItemEntry
from headway.site.template_context.shared_context import Frame, Link, Movers, NeedEntry, Paging
from headway.wording.rich_text import Phrase


@dataclass(frozen=True, slots=True)
class RepositoryEntry:
    """One repository in a list of repositories."""

    name: str
    link: Link | None
    """A link to the repository's page; None if it has no page."""

    forge: str | None
    """The URL of the repository on its forge; None if unknown."""

    status: StatusRow
    waiting_for: str | None
    """What the repository needs before it is done, such as `3 fixes`; None if it needs nothing."""


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """One team in a list of teams."""

    name: str
    link: Link
    status: StatusRow
    sparkline: Sparkline | None


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """The page of one campaign, `campaigns/ID/index.html`."""

    frame: Frame
    title: str
    summary: str
    status: StatusRow
    verdict: str
    """A sentence that says whether the campaign will meet its due date, and why."""

    week_in_words: tuple[Phrase, ...]
    """A sentence about the changes of the last seven days."""

    needs: tuple[NeedEntry, ...]
    """The most urgent actions needed, most urgent first."""

    further_needs: tuple[NeedEntry, ...]
    """The other actions needed; empty if `needs` contains all of them."""

    paragraph: tuple[Phrase, ...]
    """A summary of progress, recent changes, forecast and next steps, ready to paste."""

    definition_change: tuple[Phrase, ...]
    """A warning if the definition has changed since the last scan; otherwise empty."""

    due_moves: str
    """How often and how far the due date has moved; empty if it has never moved."""

    inexact: str
    """A clause that names the days with inexact numbers; empty if all numbers are exact."""

    forecast: CampaignForecast

    tail: str
    """A sentence about the items that nobody will fix without a decision; empty if there are none.
    """
    ever: bool
    """Whether the campaign has ever had an item. If not, the page shows no charts."""

    milestones: tuple[StatusRow, ...]
    """The status of each milestone, sorted by due date."""

    exemptions: tuple[ExemptionRow, ...]
    """Exemptions in force, followed by lapsed ones, both sorted by expiry date."""

    definition: Campaign
    starts: date
    by_team: BurndownChart
    """A chart of open items by current owner."""

    by_team_then: BurndownChart | None
    """A chart of open items by historical owner; None if no owner has changed."""

    by_rule: BurndownChart | None
    """A chart of open items by rule; None if the campaign has only one rule."""

    captures: tuple[CaptureChart, ...]
    burnup: BurnupChart | None
    flow: FlowChart | None
    record: ForecastRecord
    """Earlier forecasts, and how many of them gave a finish date that passed before the campaign
    finished.
    """

    record_text: str | None
    """A sentence about the accuracy of earlier forecasts; None for fewer than two forecasts."""

    past_tracks: PastTracks | None
    """Charts of earlier forecasts; None for fewer than two forecasts or a finished campaign."""

    waterfalls: tuple[Waterfall, ...]
    """Charts that show why the open count changed, one per period."""

    weeks: tuple[BurndownPoint, ...]
    """The weekly numbers behind the charts, newest first."""

    has_moves: bool
    """Whether items moved from one repository to another in these weeks."""

    teams: tuple[TeamEntry, ...]
    """Teams that have or had an item, most open items first."""

    repositories: tuple[RepositoryEntry, ...]
    """Repositories that have or had an item, most open items first; long lists are truncated."""

    all_repositories: Link | None
    """A link to the page that lists all repositories; None if `repositories` is complete."""

    unknown: tuple[RepositoryEntry, ...]
    """Repositories whose state is unknown; long lists are truncated."""

    unknown_count: int
    """The total number of repositories whose state is unknown."""

    items: tuple[ItemEntry, ...]
    """Regressed items first, then the most recently opened; long lists are truncated."""

    all_items: Link
    """A link to the page that lists the campaign's open items."""

    all_changes: Link
    """A link to the page that lists who changed the open count."""

    week_links: Mapping[date, Link]
    """Maps the last day of each recent week with changes to a link to these changes."""

    movers: Mapping[str, Mapping[str, Movers]]
    """Maps the name of each chart in `waterfalls` to a mapping from the name of each step in the
    chart to those who caused the step.
    """

    hidden: HiddenCounts | None
    """Totals of the repositories that the page's readers may not see; None if there are none."""

    marks: tuple[Mark, ...]
    """Changes that are marked on the chart, newest first; long lists are truncated."""

    more_marks: int
    """The number of older changes that are not in `marks`."""

    source: Link | None
    """A link to the site's copy of the campaign file; None if there is no copy."""

    files: tuple[Link, ...]
    """Links to the page's data as CSV and JSON."""


@dataclass(frozen=True, slots=True)
class RepositoriesPage:
    """One page of a campaign's list of repositories, such as `campaigns/ID/repositories.html`."""

    frame: Frame
    title: str
    repositories: tuple[RepositoryEntry, ...]
    count: int
    """The total number of repositories across all pages of the list."""

    paging: Paging
