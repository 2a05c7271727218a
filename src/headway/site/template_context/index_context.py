"""Template context of the index page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headway.metrics.records import StatusRow
from headway.progress.state import Health
from headway.site.charts.sparkline import Sparkline
from headway.site.charts.timeline import Timeline, Track
from headway.site.template_context.shared_context import Frame, Link, NeedEntry
from headway.wording.rich_text import Phrase


@dataclass(frozen=True, slots=True)
class PortfolioEntry:
    """A campaign on the index page."""

    link: Link
    status: StatusRow
    verdict: str
    """A sentence that states the campaign's outlook: for example, how likely it is to meet its due
    date and why, or that it is done, stalled or overdue.
    """

    sparkline: Sparkline | None
    track: Track | None
    """A small chart of the forecast and the due date, drawn on the page's timeline."""

    change: int
    """The change in the number of open items over the last seven days."""


@dataclass(frozen=True, slots=True)
class HealthPart:
    """A segment of the health bar. Its width shows how many campaigns have the same health."""

    health: Health
    count: int
    start: float
    """The left edge of the segment, as a percentage of the bar's width."""

    width: float
    """The width of the segment, as a percentage of the bar's width."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals across all campaigns. A repository in several campaigns counts once."""

    campaigns: int
    open: int
    fixed: int
    exempt: int
    repositories: int
    unknown: int
    """The number of repositories whose state is unknown in at least one campaign."""

    week: Mapping[str, int]
    """Maps each kind of change, such as `new` or `fixed`, to the number of items that changed in
    this way in the last seven days.
    """

    attention: tuple[Link, ...]
    """Campaigns that are off track or stalled. A long list is truncated."""

    attention_count: int
    """The total number of campaigns that are off track or stalled."""

    at_risk: int
    """The number of campaigns that are at risk."""

    health: tuple[HealthPart, ...]
    """The segments of the health bar, best health first."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table of teams and campaigns: one team's open items in one campaign."""

    open: int | None
    """The number of open items, or None if the team never had an item in the campaign."""

    heat: int
    """The shade of the cell, from 0 for no open items to 4 for the highest counts."""

    link: Link | None
    """A link to the campaign's section on the team's page, or None without open items."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of teams and campaigns, with the data of one campaign."""

    link: Link
    due: date | None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of the table of teams and campaigns, with the open items of one team."""

    team: Link
    cells: tuple[Cell, ...]
    """One cell for each campaign, in the order of the table's columns."""

    open: int
    """The number of the team's open items in all campaigns."""

    soonest: date | None
    """The earliest due date of a campaign or milestone in which the team has open items, or None if
    these items have no due date.
    """


@dataclass(frozen=True, slots=True)
class Matrix:
    """The table of teams and campaigns, with the number of open items in each cell."""

    campaigns: tuple[Column, ...]
    """One column for each unfinished campaign, sorted by due date."""

    rows: tuple[MatrixRow, ...]
    """One row for each team: teams with open items first, then by earliest due date. A long list is
    truncated.
    """

    more: int
    """The number of teams that are not in the table."""


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A row of the table of changes, with the last seven days of one campaign."""

    campaign: Link
    changes: Link
    """A link to the page that lists who changed the open count."""

    before: int
    """The number of open items before the last seven days."""

    moved: tuple[int, ...]
    """The number of items for each kind of change in the table's `columns`."""

    after: int
    """The number of open items now."""

    words: tuple[Phrase, ...]
    """Sentences about the main contributors, and about changes in health and forecast."""


@dataclass(frozen=True, slots=True)
class Week:
    """The table of changes in the last seven days, without empty columns and rows."""

    columns: tuple[str, ...]
    """The kinds of change, such as `New` and `Fixed`."""

    rows: tuple[WeekRow, ...]
    quiet: tuple[Link, ...]
    """The unfinished campaigns without changes in the last seven days."""


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """The index page, `index.html`, which lists all campaigns."""

    frame: Frame
    totals: Totals
    worst: PortfolioEntry | None
    """The campaign with the worst health, or None if no campaign is off track, stalled or at risk.
    """

    week_in_words: str
    """The changes of the last seven days in all campaigns, such as `+1 new, −3 fixed`."""

    notes: tuple[str, ...]
    """Sentences about repositories that the scan cannot see."""

    campaigns: tuple[PortfolioEntry, ...]
    """All campaigns, sorted by due date."""

    timeline: Timeline | None
    """The time scale for all campaigns' forecasts, or None if no forecast or due date is in the
    future.
    """

    matrix: Matrix
    week: Week
    needs: tuple[NeedEntry, ...]
    """The most urgent actions, most urgent first."""

    more_needs: int
    """The number of actions needed that are not in `needs`."""

    files: tuple[Link, ...]
    """Links to the page's data as CSV and JSON."""
