"""Records that commands print and pages show. JSON output has the same field names.

Records that can be numerous are named tuples, because creating a dataclass takes three times as
long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from headway.metrics.change_records import Change
from headway.metrics.forecast_records import (
    NO_PAST_FORECASTS,
    CampaignForecast,
    ForecastRecord,
)
from headway.model.campaign import Campaign, Role
from headway.model.movement import TeamFlows
from headway.model.repository import Visibility
from headway.progress.state import Health, State


class InexactDays(NamedTuple):
    """Consecutive days with inexact numbers. Some versions of files could not be read."""

    first: date
    last: date
    """The last day (inclusive). On this day, the last unreadable version was replaced or deleted.
    If an unreadable version still exists, this is today.
    """
    versions: int
    """The number of unreadable versions."""
    repositories: int
    """The number of repositories with unreadable versions."""


class StatusRow(NamedTuple):
    """The status of a campaign, or of one repository, team or milestone in it."""

    campaign: str
    title: str
    repository: str | None
    team: str | None
    state: State
    open: int
    """The number of open items."""
    fixed: int
    """The number of items in scope that were fixed since the baseline."""
    exempt: int
    """The number of exempt items."""
    completion: float | None
    """The weighted share fixed / (fixed + open), from 0 to 1, or None if the row never had an item.
    """
    coverage: float | None
    """The share of repositories in scope with a known state, from 0 to 1, or None if no repository
    is in scope.
    """
    health: Health
    p50: date | None
    """The 50% finish date, or None if it is unknown or after `horizon`."""
    p85: date | None
    """The 85% finish date, or None if it is unknown or after `horizon`."""
    due: date | None
    """The due date (inclusive)."""
    owner: str | None = None
    """The person or team that runs the campaign."""
    guide: str | None = None
    """The URL of the campaign's guide."""
    repositories: int = 0
    """The number of repositories in scope. For a team, the number of those in which it has or had
    an item.
    """
    unknown: int = 0
    """The number of repositories whose state is unknown."""
    incomplete: int = 0
    """The number of repositories that have no open items but lack a required match."""
    pace: float | None = None
    """The average number of items fixed per week in the last four weeks. None for a repository."""
    chance: float | None = None
    """The probability of finishing by the due date, from 0 to 1, or None if the due date or the
    forecast is missing.
    """
    reason: str | None = None
    """The reason for missing numbers or an unknown state, or None if nothing is missing."""
    since: date | None = None
    """The day since which a repository's state has been unknown. None for a known state, and in all
    rows that are not about a repository.
    """
    last_fix: date | None = None
    oldest_open: date | None = None
    """In the row of a repository, the day on which its oldest open item was opened. None if it has
    no open items, and in rows of campaigns, teams and milestones.
    """
    milestone: str | None = None
    horizon: date | None = None
    """The last day that the forecast covers, or None if the forecast is missing. If the forecast
    exists but `p50` or `p85` is None, that date is after this day.
    """
    forecast_reason: str | None = None
    """The reason for a missing forecast. None if the forecast exists, and for a repository."""
    due_moves: int = 0
    """The number of times that scans found a changed due date."""
    due_slips: int = 0
    """The number of times that scans found a later due date."""
    due_slip_days: int = 0
    """The number of days from the first due date to the current one. It is negative if the current
    one is earlier.
    """
    definition_changed: tuple[str, ...] = ()
    """The keys of the campaign file whose values have changed since the last scan."""
    binary_files: Mapping[str, int] | None = None
    """Maps each rule ID to the number of selected files that were not searched at the last scanned
    commit because they are binary. None unless the row is about a repository.
    """
    inexact: tuple[InexactDays, ...] = ()
    """The days with inexact numbers, oldest first."""
    affected: int | None = None
    """The number of repositories in scope whose state is not `not affected`, including those whose
    state is unknown. None in a campaign without `applies_to`.
    """


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    """One exemption of a campaign, as recorded by scans."""

    campaign: str
    reason: str
    approved_by: str | None
    repositories: tuple[str, ...]
    """Patterns for repository names. An empty list means all repositories."""
    paths: tuple[str, ...]
    """Patterns for paths. An empty list means all paths."""
    rules: tuple[str, ...]
    """Rule IDs. An empty list means all rules."""
    since: date | None
    """The first day of the exemption, or None if it has applied since the campaign began."""
    until: date
    """The last day of the exemption (inclusive)."""
    state: Literal["in force", "lapsed"]
    items: int
    """The number of items that the exemption covers today."""
    days_left: int | None
    """The number of days from today to the last day of the exemption, or None if the exemption is
    not in force.
    """


@dataclass(frozen=True, slots=True)
class TeamContact:
    """The lead and channel of a team, according to `teams.yaml`."""

    team: str
    lead: str | None
    channel: str | None


class SeriesPoint(NamedTuple):
    """The number of items with one captured value at the end of one period."""

    campaign: str
    team: str | None
    """The team that owns the items, or None for the items of all teams."""
    series: str
    """The name of the capture."""
    role: Role
    """The role of the rules that captured the value."""
    value: str | None
    """The captured value, or `(none)` if the rule captured nothing. None for the combined series of
    all values without separate series.
    """
    date: date
    """The last day of the period (inclusive)."""
    open: int
    exempt: int
    fixed_total: int
    """The number of items in scope that had been fixed by the end of `date`."""
    repositories: int
    """The number of repositories with open items with this value."""


@dataclass(slots=True, kw_only=True)
class BurndownPoint(TeamFlows):
    """One period of a burndown: the counts at the end of the period, and the changes within it.

    open = previous open + new + regressed + moved_in + scope_added + lapsed
           - fixed - moved_out - scope_removed - exempted
    """

    campaign: str
    team: str | None
    """The team that owns the items, or None for the items of all teams."""
    date: date
    """The last day of the period (inclusive)."""
    open: int
    exempt: int
    fixed_total: int
    """The number of items in scope that had been fixed by the end of `date`."""
    completion: float | None
    """The weighted share of fixed items, from 0 to 1, or None if there have been no items yet."""
    coverage: float | None
    """The share of repositories in scope with a known state, from 0 to 1, or None if no repository
    is in scope.
    """
    inexact: bool = False
    """Whether the numbers are inexact because a version of a file could not be read."""


RowState = Literal["open", "fixed", "exempt", "moved", "excluded"]
"""The state of an item.

`moved` means that the item moved to another repository. `excluded` means that the item's file
became vendored or generated, or that the `applies_to` rules no longer match the repository.
"""


class ItemRow(NamedTuple):
    """One opening of an item: a period during which the item was open.

    The period lasts from `opened_commit` (inclusive) to `closed_commit` (exclusive). A regressed
    item has several openings.
    """

    item: str
    """The permanent ID of the item."""
    campaign: str
    rule: str
    role: str
    repository: str
    path: str
    """The path in the latest commit, or the last known path of a closed item."""
    line: int | None
    """The line in the latest commit (or last known line if closed), or None for a whole file."""
    column: int | None
    """The column at which the match starts in `line`, or None for a whole file."""
    excerpt: str
    """The matched line, shortened if it is long."""
    team: str
    """The current owner."""
    state: RowState
    regressed: bool
    """Whether this opening reopened a fixed item."""
    opened_at: datetime
    """The landing time of `opened_commit`, in UTC."""
    opened_commit: str
    opened_before_baseline: bool
    """Whether the item already existed at the baseline. If so, `opened_commit` is the baseline
    commit.
    """
    closed_at: datetime | None
    """The landing time of `closed_commit`, in UTC, or None while the item is open."""
    closed_commit: str | None
    closed_by: str | None
    """The author of `closed_commit`. For a merge, the author of the last merged commit that changed
    the file. None if the author is unknown, or if the item is not fixed.
    """
    url: str | None
    """A permalink to the item, or None if the forge is unknown."""
    captures: Mapping[str, str]
    """The captured values, by capture name."""
    opened_by: str | None = None
    """The author of `opened_commit`. For a merge, the author of the last merged commit that changed
    the file. None if unknown, for example for baseline items.
    """
    opened_by_all: tuple[str, ...] = ()
    """The author in `opened_by`, then the co-authors of that author's commit. For a merge, the
    authors and co-authors of all other merged commits that changed the file follow.
    """
    closed_by_all: tuple[str, ...] = ()
    """The author in `closed_by`, then the co-authors of that author's commit. For a merge, the
    authors and co-authors of all other merged commits that changed the file follow.
    """
    changed_by: str | None = None
    """The author of the latest commit that added, moved or edited the item. For a merge, the author
    of the last merged commit that changed the file. None if unknown, for example for a baseline
    item that has not changed since.
    """


class ItemText(NamedTuple):
    """One version of an item: its matched line and path, from one commit on."""

    commit: str
    """The commit that opened, moved or edited the item."""
    at: datetime
    """The landing time of `commit`, in UTC."""
    path: str
    text: str
    """The matched line, character for character. In a line with more than 10,000 characters, the
    end is replaced by a fingerprint of the whole line.
    """
    captures: Mapping[str, str]
    """The captured values, by capture name."""


class MovedItem(NamedTuple):
    """The other end of an item's move between repositories."""

    repository: str
    path: str
    """The path at the time of the move."""
    item: str
    """The ID of the item in that repository."""


class ItemHistory(NamedTuple):
    """One opening of an item with all versions of its matched line."""

    row: ItemRow
    texts: tuple[ItemText, ...]
    """The versions of the matched line, oldest first. The first one is from `opened_commit`."""
    moved_from: MovedItem | None = None
    """Where the item moved from, or None if it did not come from another repository."""
    moved_to: MovedItem | None = None
    """Where the item moved to, or None if it did not move to another repository."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that is marked in charts, such as an edited rule."""

    date: date
    kind: str
    text: str
    repository: str | None = None
    """The repository of the event, or None for the whole campaign."""


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """The visibility of a repository, and its page on the forge."""

    visibility: Visibility
    forge: str | None
    """The URL of the repository's page on its forge, or None if the forge is unknown."""


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """The contents of a campaign's page, with a limited number of open items.

    `OpenItemReader` streams all open items, because they may not fit into memory. The points of all
    series are in chronological order.
    """

    campaign: str
    title: str
    summary: str
    owner: str | None
    guide: str | None
    starts: date
    """The first day of the burndown."""
    due: date | None
    today: date
    scanned_at: datetime | None
    """The end of the last scan in UTC, or None before the first scan."""
    status: StatusRow
    forecast: CampaignForecast
    repositories: tuple[StatusRow, ...]
    """The repositories that are in scope or gone, sorted by name."""
    teams: tuple[StatusRow, ...]
    """The teams that have or had items, sorted by name."""
    days: tuple[BurndownPoint, ...]
    """The daily series of the whole campaign."""
    weeks: tuple[BurndownPoint, ...]
    """The weekly series of the whole campaign."""
    items: tuple[ItemRow, ...]
    """The open items: regressed items, then the latest ones. A long list is truncated."""
    definition: Campaign
    marks: tuple[Mark, ...] = ()
    team_weeks: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    """Maps each team to the weekly series of its current items. All series have the same dates as
    `weeks`.
    """
    team_weeks_then: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    """Maps each team to the weekly series of the items that it owned in each week. Empty if no
    owner has changed.
    """
    rule_weeks: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    """Maps each rule ID to the weekly series of the rule. All series have the same dates as
    `weeks`."""
    facts: Mapping[str, RepositoryFacts] = field(default_factory=dict)
    """The visibility and forge URL of each repository, by repository name."""
    milestones: tuple[StatusRow, ...] = ()
    """The milestones, sorted by due date."""
    exemptions: tuple[ExemptionRow, ...] = ()
    contacts: tuple[TeamContact, ...] = ()
    """The teams in `teams.yaml`, sorted by name."""
    capture_series: Mapping[str, tuple[tuple[SeriesPoint, ...], ...]] = field(default_factory=dict)
    """Maps the name of each capture to the weekly series of its values, sorted by value."""
    record: ForecastRecord = NO_PAST_FORECASTS
    """The past forecasts of the campaign."""
    changes: tuple[Change, ...] = ()
    """The change log, latest day first."""
