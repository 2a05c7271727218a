"""Records that commands print and pages show. JSON output has the same field names.

Records of which there may be millions are named tuples, which need a third of the time of a
dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from headway.model.campaign import Campaign, Role
from headway.model.movement import TeamFlows
from headway.model.repository import Visibility
from headway.progress.state import Health, State


class StatusRow(NamedTuple):
    """The status of a campaign, or of one repository, team or milestone in it."""

    campaign: str
    title: str
    repository: str | None
    team: str | None
    state: State
    open: int
    """Number of open items."""
    fixed: int
    """Number of items in scope that were fixed since the baseline."""
    exempt: int
    """Number of exempt items."""
    completion: float | None
    """fixed / (fixed + open), weighted, from 0 to 1; None if there has never been an item."""
    coverage: float | None
    """Share of repositories in scope with a known state, from 0 to 1; None without repositories."""
    health: Health
    p50: date | None
    """The day by which it is 50% likely to finish; None if unknown or beyond `horizon`."""
    p85: date | None
    """The same with a chance of 85%."""
    due: date | None
    """The due date (inclusive)."""
    owner: str | None = None
    """The person or team that runs the campaign."""
    guide: str | None = None
    """The URL of the campaign's guide."""
    repositories: int = 0
    """Number of repositories in scope; for a team, those in which it has or had items."""
    unknown: int = 0
    """Number of these repositories whose state is unknown."""
    incomplete: int = 0
    """Number of these repositories that lack only the replacement."""
    pace: float | None = None
    """Items fixed per week, averaged over the last four weeks."""
    chance: float | None = None
    """Chance of finishing by the due date, 0 to 1; None without a due date or forecast."""
    reason: str | None = None
    """The reason why there are no numbers, or why the state is unknown."""
    since: date | None = None
    """The first day on which the state was unknown."""
    last_fix: date | None = None
    oldest_open: date | None = None
    """The day on which the oldest open item was opened; for repositories only."""
    milestone: str | None = None
    horizon: date | None = None
    """The last day of the forecast. If p50 or p85 is None, it is later. None without a forecast."""
    forecast_reason: str | None = None
    """The reason why there is no forecast; None if there is one."""
    due_moves: int = 0
    """How often the due date has moved, earlier or later, as far as scans have seen."""
    due_slips: int = 0
    """How often it has moved to a later date."""
    due_slip_days: int = 0
    """Days from the due date that was set first to the current one; negative if it is earlier."""
    definition_changed: tuple[str, ...] = ()
    """Keys of the campaign file whose values have changed since the last scan."""


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    """One exemption of a campaign, as recorded by scans."""

    campaign: str
    reason: str
    approved_by: str | None
    repositories: tuple[str, ...]
    """Patterns over repository names; empty covers all repositories."""
    paths: tuple[str, ...]
    """Patterns over paths; empty covers all paths."""
    rules: tuple[str, ...]
    """Rule ids; empty covers all rules."""
    since: date | None
    """The first day (inclusive); None for the beginning of the campaign."""
    until: date
    """The last day (inclusive)."""
    state: Literal["in force", "lapsed"]
    items: int
    """Number of items that the exemption covers today."""
    days_left: int | None
    """Number of days after today on which the exemption is in force; None if it is not today."""


@dataclass(frozen=True, slots=True)
class TeamContact:
    """Lead and channel of a team in `teams.yaml`."""

    team: str
    lead: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """The owner of a path, and the rule that names it."""

    repository: str
    path: str | None
    """The path or pattern; None for all paths that no rule names."""
    team: str
    by: str
    """The source that named the owner: `teams.yaml`, `CODEOWNERS`, and so on."""
    rule: str
    """The rule that decides, with its line number if it has one."""
    owners: tuple[str, ...]
    """The owners, spelled as in the source."""
    lead: str | None
    """The team's lead in `teams.yaml`."""
    channel: str | None
    """The team's channel in `teams.yaml`."""


class SeriesPoint(NamedTuple):
    """The items with one captured value at the end of one period."""

    campaign: str
    team: str | None
    """None for all teams together."""
    series: str
    """The name of the capture."""
    role: Role
    """The role of the rules that captured the value."""
    value: str | None
    """The value; `(none)` if the rule captured nothing, None for all values beyond the limit."""
    date: date
    """The period's last day (inclusive)."""
    open: int
    exempt: int
    fixed_total: int
    """Number of items in scope that are fixed by the end of the day."""
    repositories: int
    """Number of repositories with open items of this value."""


@dataclass(slots=True, kw_only=True)
class BurndownPoint(TeamFlows):
    """One period of a burndown: the counts at its end, and the changes within it.

    open = previous open + new + regressed + scope_added + lapsed
           - fixed - scope_removed - exempted
    """

    campaign: str
    team: str | None
    """None for all teams together."""
    date: date
    """The period's last day (inclusive)."""
    open: int
    exempt: int
    fixed_total: int
    """Number of items in scope that are fixed by the end of the day."""
    completion: float | None
    """Share of fixed items, from 0 to 1; None if there have been no items yet."""
    coverage: float | None
    """Share of repositories with a known state, from 0 to 1; None without repositories in scope."""


class ItemRow(NamedTuple):
    """One time that an item was open (an opening). A regressed item has several.

    The item was open from `opened_commit` (inclusive) to `closed_commit` (exclusive).
    """

    item: str
    """The permanent ID of the item."""
    campaign: str
    rule: str
    role: str
    repository: str
    path: str
    """The path at the tip, or the last known path of a closed item."""
    line: int | None
    """The line at the tip, or the last known line of a closed item; None for a whole file."""
    column: int | None
    """The column of the match in `line`."""
    excerpt: str
    """The matched line, shortened."""
    team: str
    """The current owner."""
    state: Literal["open", "fixed", "exempt"]
    regressed: bool
    """Whether the item had been fixed before this opening."""
    opened_at: datetime
    """The landing time of `opened_commit`, in UTC."""
    opened_commit: str
    opened_before_baseline: bool
    """Whether the item already existed at `opened_commit`, the baseline commit."""
    closed_at: datetime | None
    """The landing time of `closed_commit`, in UTC; None while the item is open."""
    closed_commit: str | None
    closed_by: str | None
    """The author of the closing commit; for a merge, of the last commit that it brought in and that
    changed the file."""
    url: str | None
    """A permalink to the item; None if the forge is not known."""
    captures: Mapping[str, str]
    """Captured values by name."""
    opened_by: str | None = None
    """The author of the opening commit, as `closed_by`; None for items of the baseline."""
    opened_by_all: tuple[str, ...] = ()
    """`opened_by`, then co-authors and the authors of the other commits of a merge."""
    closed_by_all: tuple[str, ...] = ()
    """The same for `closed_by`."""


class ItemText(NamedTuple):
    """The text and path that an opening has had since one commit."""

    commit: str
    """The commit that opened, moved or edited the item."""
    at: datetime
    """The landing time of `commit`, in UTC."""
    path: str
    text: str
    """The matched line, character for character; a line over 10,000 characters is cut and ends
    with a fingerprint."""
    captures: Mapping[str, str]
    """Captured values by name."""


class ItemHistory(NamedTuple):
    """One opening of an item with all its texts."""

    row: ItemRow
    texts: tuple[ItemText, ...]
    """The texts of the item, oldest first. The first text is from `opened_commit`."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that charts mark, such as an edited rule."""

    date: date
    kind: str
    text: str
    repository: str | None = None
    """The repository that the event concerns; None for the whole campaign."""


@dataclass(frozen=True, slots=True)
class ForecastQuantile:
    """A finish date and the chance of finishing by then."""

    chance: float
    """The share or chance, from 0 to 1."""
    date: date | None
    """The day by which the campaign finishes with this chance; None beyond the horizon."""


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """The range of open items at the end of a future day."""

    date: date
    low: int
    """15% of the simulated futures have at most this many open items."""
    median: int
    """50% of the simulated futures have at most this many open items."""
    high: int
    """85% of the simulated futures have at most this many open items."""


@dataclass(frozen=True, slots=True)
class CampaignForecast:
    """The forecast of a campaign, or of one team or milestone; see docs/forecast.md."""

    campaign: str
    team: str | None
    today: date
    open: int
    """Number of open items today."""
    due: date | None
    reason: str | None
    """The reason why there is no forecast, as a clause; None if there is one."""
    p50: date | None
    """The day by which it is 50% likely to finish; None if unknown or beyond the horizon."""
    p85: date | None
    """The same with a chance of 85%."""
    horizon: int
    """The number of years that the forecast looks ahead."""
    chance: float | None
    """Chance of finishing by the due date, 0 to 1; None without a due date or forecast."""
    pace: float
    """Items fixed per week, averaged over the last four weeks."""
    pace_needed: float | None
    """Fixes per week needed to meet the due date, new items included; None if it has passed."""
    growth: float
    """Growth of the scope so far, in items per week; not part of the forecast."""
    weeks: int
    """Number of weeks of history that the forecast uses."""
    fixing_weeks: int
    """Number of these weeks with at least one fix."""
    unknown: int
    """Number of unknown repositories, whose items may be out of date."""
    quantiles: tuple[ForecastQuantile, ...]
    fan: tuple[ForecastPoint, ...]
    """The forecast of open items, starting today; empty without a forecast."""
    milestone: str | None = None
    pace_year: float = 0.0
    """Items fixed per week, averaged over the last 52 weeks, or over all if there are fewer."""
    due_moves: int = 0
    """How often the due date has moved, earlier or later, as far as scans have seen."""
    due_slips: int = 0
    """How often it has moved to a later date."""
    due_slip_days: int = 0
    """Days from the due date that was set first to the current one; negative if it is earlier."""
    definition_changed: tuple[str, ...] = ()
    """Keys of the campaign file whose values have changed since the last scan."""


@dataclass(frozen=True, slots=True)
class PastForecastRow:
    """The forecast that would have been made on a past day."""

    said_on: date
    """The day of the forecast."""
    p50: date | None
    """The day by which it was 50% likely to finish; None beyond the horizon."""
    p85: date | None
    """The day by which it was 85% likely to finish; None beyond the horizon."""


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """Past forecasts of a campaign. Each uses only the history up to the day of the forecast."""

    told: tuple[PastForecastRow, ...]
    """The weekly forecasts, oldest first: the last year, or all weeks of a finished campaign."""
    finished: date | None
    """The last day of the week in which the campaign finished; None while items are open."""
    p50_passed: int
    """Number of forecasts whose 50% date passed before the campaign finished."""
    p85_passed: int
    """Number of forecasts whose 85% date passed before the campaign finished."""


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """Visibility of a repository, and its page on the forge."""

    visibility: Visibility
    forge: str | None
    """The URL of the repository's page; None if the forge is not known."""


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Everything that a campaign's page shows except its open items. Series are oldest first.

    `OpenItemReader` streams open items, because they may not fit into memory.
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
    """The time at which the last scan ended, in UTC; None before the first scan."""
    status: StatusRow
    forecast: CampaignForecast
    repositories: tuple[StatusRow, ...]
    """The repositories in scope or gone, by name."""
    teams: tuple[StatusRow, ...]
    """The teams that have or had items, by name."""
    days: tuple[BurndownPoint, ...]
    """The daily series of all teams."""
    weeks: tuple[BurndownPoint, ...]
    """The weekly series of all teams."""
    regressed: tuple[ItemRow, ...]
    """Open items that had been fixed before."""
    definition: Campaign
    marks: tuple[Mark, ...] = ()
    team_weeks: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    """The weekly series of each team by current owners, with the dates of `weeks`."""
    team_weeks_then: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    """The weekly series of each team by historical owners; empty if no owner has changed."""
    rule_weeks: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    """The weekly series of each rule, with the dates of `weeks`."""
    facts: Mapping[str, RepositoryFacts] = field(default_factory=dict)
    """Visibility and forge URL of each repository, by repository name."""
    milestones: tuple[StatusRow, ...] = ()
    """The milestones by due date."""
    exemptions: tuple[ExemptionRow, ...] = ()
    contacts: tuple[TeamContact, ...] = ()
    """The teams in `teams.yaml`, by name."""
    capture_series: Mapping[str, tuple[tuple[SeriesPoint, ...], ...]] = field(default_factory=dict)
    """Capture name to the weekly series of each of its values, in the order of the values."""
    record: ForecastRecord = ForecastRecord((), None, 0, 0)
    """The past forecasts."""
