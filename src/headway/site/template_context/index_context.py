"""The record of the index page."""

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
    """The forecast against the due date, on the page's timeline."""

    change: int
    """How the number of open items changed in the last seven days."""


@dataclass(frozen=True, slots=True)
class HealthPart:
    """The campaigns of one health, as a part of a bar."""

    health: Health
    count: int
    start: float
    """Where the part begins, in percent of the bar."""

    width: float
    """In percent of the bar."""


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
    """What the last seven days moved, by the names of the ledger's columns."""

    attention: tuple[Link, ...]
    """The first campaigns that are off track or stalled."""

    attention_count: int
    """How many campaigns are off track or stalled."""

    at_risk: int
    """How many campaigns are at risk."""

    health: tuple[HealthPart, ...]
    """The best health first."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The open items of one team in one campaign."""

    open: int | None
    """None if the team never had an item of the campaign."""

    heat: int
    """From 0 for none to 4 for the most."""

    link: Link | None
    """The campaign's part of the team's page."""


@dataclass(frozen=True, slots=True)
class Column:
    """A campaign at the head of a column."""

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
    """The earliest due date of a campaign in which the team has open items."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The open items of each team in each campaign, the earliest due date first."""

    campaigns: tuple[Column, ...]
    rows: tuple[MatrixRow, ...]
    more: int
    """How many teams the table leaves out."""


@dataclass(frozen=True, slots=True)
class WeekRow:
    """What the last seven days moved in one campaign."""

    campaign: Link
    before: int
    """Open items at the beginning."""

    moved: tuple[int, ...]
    """Items moved, in the order of the columns."""

    after: int
    """Open items at the end."""

    words: tuple[Phrase, ...]
    """Sentences on who moved them, and how health and forecast changed."""


@dataclass(frozen=True, slots=True)
class Week:
    """What the last seven days moved, without columns and campaigns in which nothing did."""

    columns: tuple[str, ...]
    """Names of the movements."""

    rows: tuple[WeekRow, ...]
    quiet: tuple[Link, ...]
    """Unfinished campaigns in which nothing moved."""


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """index.html."""

    frame: Frame
    totals: Totals
    campaigns: tuple[PortfolioEntry, ...]
    """The earliest due date first."""

    timeline: Timeline | None
    """The scale of the campaigns' tracks."""

    matrix: Matrix
    week: Week
    needs: tuple[NeedEntry, ...]
    """What to act on first."""

    more_needs: int
    """How many further things to act on there are."""

    files: tuple[Link, ...]
    """Tables for programs."""
