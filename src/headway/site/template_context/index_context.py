"""Records for the template of the index page."""

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
    """One campaign on the index."""

    link: Link
    status: StatusRow
    verdict: str
    """A sentence that says whether the campaign will meet its due date, and why."""

    sparkline: Sparkline | None
    track: Track | None
    """The forecast and the due date, drawn on the page's timeline."""

    change: int
    """The change in the number of open items over the last seven days."""


@dataclass(frozen=True, slots=True)
class HealthPart:
    """The number of campaigns with one health, as a segment of a bar."""

    health: Health
    count: int
    start: float
    """The left edge of the segment, in percent of the bar."""

    width: float
    """The width of the segment, in percent of the bar."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all campaigns. A repository in two campaigns counts once."""

    campaigns: int
    open: int
    fixed: int
    exempt: int
    repositories: int
    unknown: int
    """Repositories whose state is unknown in at least one campaign."""

    week: Mapping[str, int]
    """The changes of the last seven days: ledger column to number of items."""

    attention: tuple[Link, ...]
    """Campaigns that are off track or stalled; long lists are cut."""

    attention_count: int
    """The number of all campaigns that are off track or stalled."""

    at_risk: int
    """The number of campaigns that are at risk."""

    health: tuple[HealthPart, ...]
    """The segments of the health bar, best health first."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The open items of one team in one campaign."""

    open: int | None
    """None if the campaign has never had an item of the team."""

    heat: int
    """The shade of the cell: 0 without open items, up to 4 for the highest counts."""

    link: Link | None
    """A link to the campaign's items on the team's page; None without open items."""


@dataclass(frozen=True, slots=True)
class Column:
    """The header of a column: one campaign."""

    link: Link
    due: date | None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One team in the table of teams and campaigns."""

    team: Link
    cells: tuple[Cell, ...]
    """In the order of the columns."""

    open: int
    """The team's open items in all campaigns."""

    soonest: date | None
    """The earliest due date of a campaign or milestone in which the team has open items."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table of the open items of each team in each campaign."""

    campaigns: tuple[Column, ...]
    """Sorted by due date."""

    rows: tuple[MatrixRow, ...]
    """Sorted by the team's next due date."""

    more: int
    """The number of teams that the table leaves out."""


@dataclass(frozen=True, slots=True)
class WeekRow:
    """The changes of the last seven days in one campaign."""

    campaign: Link
    before: int
    """Open items before the seven days."""

    moved: tuple[int, ...]
    """The number of items in each of the table's `columns`."""

    after: int
    """Open items now."""

    words: tuple[Phrase, ...]
    """Sentences on which teams contributed most, and how health and forecast changed."""


@dataclass(frozen=True, slots=True)
class Week:
    """A table of the changes of the last seven days, without empty columns and rows."""

    columns: tuple[str, ...]
    """The kinds of change, such as `New` and `Fixed`."""

    rows: tuple[WeekRow, ...]
    quiet: tuple[Link, ...]
    """Unfinished campaigns without changes."""


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """The page `index.html`."""

    frame: Frame
    totals: Totals
    campaigns: tuple[PortfolioEntry, ...]
    """Sorted by due date."""

    timeline: Timeline | None
    """The time scale that the forecasts of all campaigns are drawn on."""

    matrix: Matrix
    week: Week
    needs: tuple[NeedEntry, ...]
    """The most urgent of the actions needed, most urgent first."""

    more_needs: int
    """The number of actions that `needs` leaves out."""

    files: tuple[Link, ...]
    """Links to the page's data as CSV and JSON."""
