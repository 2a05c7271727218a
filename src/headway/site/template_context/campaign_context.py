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
    """A repository in a list of repositories."""

    name: str
    link: Link | None
    """A link to the repository's page, or None if it has no page."""

    forge: str | None
    """The URL of the repository on its forge, or None if unknown."""

    status: StatusRow
    waiting_for: str | None
    """What remains before the repository is done, such as `3 fixes`, or None if nothing remains."""


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """A team in a list of teams."""

    name: str
    link: Link
    status: StatusRow
    sparkline: Sparkline | None


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """The page of a campaign, `campaigns/ID/index.html`."""

    frame: Frame
    title: str
    summary: str
    status: StatusRow
    verdict: str
    """A sentence that states the campaign's outlook: for example, how likely it is to meet its due
    date and why, or that it is done, stalled or overdue.
    """

    week_in_words: tuple[Phrase, ...]
    """A sentence about the changes of the last seven days."""

    needs: tuple[NeedEntry, ...]
    """The most urgent actions, most urgent first."""

    further_needs: tuple[NeedEntry, ...]
    """The other actions needed. Empty if `needs` contains all of them."""

    paragraph: tuple[Phrase, ...]
    """A summary of progress, recent changes, forecast and next steps that can be pasted into a
    message.
    """

    definition_change: tuple[Phrase, ...]
    """A warning if the definition has changed since the last scan, or an empty list."""

    due_moves: str
    """The number and size of the due date's changes in words, or an empty string if it never
    changed.
    """

    inexact: str
    """A clause that names the days with inexact numbers, or an empty string."""

    forecast: CampaignForecast

    tail: str
    """A sentence about the items that nobody will fix without a decision, or an empty string."""
    ever: bool
    """Whether the campaign has ever had an item. Otherwise, the page shows no charts."""

    milestones: tuple[StatusRow, ...]
    """The status of each milestone, sorted by due date."""

    exemptions: tuple[ExemptionRow, ...]
    """The exemptions in force, followed by lapsed exemptions, both sorted by expiry date."""

    definition: Campaign
    starts: date
    by_team: BurndownChart
    """A chart of open items by current owner."""

    by_team_then: BurndownChart | None
    """A chart of open items by historical owner, or None if no owner has changed."""

    by_rule: BurndownChart | None
    """A chart of open items by rule, or None if the campaign has only one rule."""

    captures: tuple[CaptureChart, ...]
    burnup: BurnupChart | None
    flow: FlowChart | None
    record: ForecastRecord
    """The earlier forecasts, and how many of their finish dates passed before the campaign
    finished.
    """

    record_text: str | None
    """A sentence about the accuracy of earlier forecasts, or None for fewer than two forecasts."""

    past_tracks: PastTracks | None
    """Charts of earlier forecasts. None if there are fewer than two forecasts, the campaign is
    finished, there is no current forecast, or neither the due date nor any 50% date is after the
    first forecast.
    """

    waterfalls: tuple[Waterfall, ...]
    """Charts that show why the open count changed, one per period."""

    weeks: tuple[BurndownPoint, ...]
    """The weekly numbers that the charts show, newest first."""

    has_moves: bool
    """Whether items moved from one repository to another in these weeks."""

    teams: tuple[TeamEntry, ...]
    """The teams that have or had an item, most open items first."""

    repositories: tuple[RepositoryEntry, ...]
    """The repositories with a known state that have or had an item, most open items first. A long
    list is truncated.
    """

    all_repositories: Link | None
    """A link to the page that lists all repositories, or None if `repositories` is complete."""

    unknown: tuple[RepositoryEntry, ...]
    """The repositories whose state is unknown. A long list is truncated."""

    unknown_count: int
    """The total number of repositories whose state is unknown."""

    items: tuple[ItemEntry, ...]
    """The open items: regressed items, then the most recently opened. A long list is truncated."""

    all_items: Link
    """A link to the page that lists the campaign's open items."""

    all_changes: Link
    """A link to the page that lists who changed the open count."""

    week_links: Mapping[date, Link]
    """Maps the last day of each recent week with changes to a link to these changes."""

    movers: Mapping[str, Mapping[str, Movers]]
    """The changes that caused each step of a chart, by the name of the chart in `waterfalls` and
    the name of the step.
    """

    hidden: HiddenCounts | None
    """The totals of the repositories that the page's readers are not allowed to see, or None if
    there are no such repositories.
    """

    marks: tuple[Mark, ...]
    """The changes that are marked on the chart, newest first. A long list is truncated."""

    more_marks: int
    """The number of older changes that are not in `marks`."""

    source: Link | None
    """A link to the site's copy of the campaign file, or None for a campaign without a file."""

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
