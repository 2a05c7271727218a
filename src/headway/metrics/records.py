"""The rows that commands print and pages show; field names are the JSON field names.

Those that there may be millions of are named tuples, which cost a third of a dataclass.
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
    """How far a campaign, or one repository or team in it, is.

    open, fixed, exempt: items. completion: fixed / (fixed + open) by weight, 0 to 1; None when
    there never was an item. coverage: share of the repositories in scope that are known, 0 to 1;
    None when none is in scope. repositories: in scope, or those in which a team has or had an item;
    unknown, incomplete: how many of them are. p50, p85: days by which it ends with that chance;
    None when not known. horizon: the last day that the forecast looks at: a p50 or p85 that is
    missing comes later; None where nothing can be said, and forecast_reason says why, if anything
    is open.
    reason, since: why a repository is unknown, and the first day that it was.
    """

    campaign: str
    title: str
    repository: str | None
    team: str | None
    state: State
    open: int
    fixed: int
    exempt: int
    completion: float | None
    coverage: float | None
    health: Health
    p50: date | None
    p85: date | None
    due: date | None
    owner: str | None = None
    guide: str | None = None
    repositories: int = 0
    unknown: int = 0
    incomplete: int = 0
    pace: float | None = None
    chance: float | None = None
    reason: str | None = None
    since: date | None = None
    last_fix: date | None = None
    oldest_open: date | None = None
    milestone: str | None = None
    horizon: date | None = None
    forecast_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    """One exemption of a campaign, as the scans have seen it.

    since, until: first and last day (inclusive) on which it holds; since is None where that is
    from the beginning. items: items that are there today and that it covers. days_left: after
    today until it lapses; None where it does not hold.
    """

    campaign: str
    reason: str
    approved_by: str | None
    repositories: tuple[str, ...]
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    since: date | None
    until: date
    state: Literal["in force", "lapsed"]
    items: int
    days_left: int | None


@dataclass(frozen=True, slots=True)
class TeamContact:
    """A team of `teams.yaml` and whom to speak to."""

    team: str
    lead: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """Who owns a path of a repository, and the rule that decided. path: None for what no rule
    names by its path. by: which of the sources of owners answered. lead, channel: of a team of
    `teams.yaml`.
    """

    repository: str
    path: str | None
    team: str
    by: str
    rule: str
    owners: tuple[str, ...]
    lead: str | None
    channel: str | None


class SeriesPoint(NamedTuple):
    """What has one captured value at the end of one period, for all teams or one.

    series: the capture's name. role: of the rules that captured it. value: "(none)" for what such
    a rule found without capturing it; None for all values beyond the limit. repositories: those in
    which something with this value is open. open, exempt, fixed_total, date: as in `BurndownPoint`.
    """

    campaign: str
    team: str | None
    series: str
    role: Role
    value: str | None
    date: date
    open: int
    exempt: int
    fixed_total: int
    repositories: int


@dataclass(slots=True, kw_only=True)
class BurndownPoint(TeamFlows):
    """One period of a campaign's series, for all teams (`team` is None) or one.

    date: the period's last day (inclusive); open, exempt, completion and coverage are the state
    at its end, the movements what happened within it:
    open = previous open + new + regressed + scope_added + lapsed
        - fixed - scope_removed - exempted.
    fixed_total: items in scope that are fixed at the end of the day. received, handed_over: how
    many of `scope_added` and `scope_removed` came from or went to another team, by the owners of
    the day.
    """

    campaign: str
    team: str | None
    date: date
    open: int
    exempt: int
    fixed_total: int
    completion: float | None
    coverage: float | None


class ItemRow(NamedTuple):
    """One opening of an item: a regressed item has one for each time that it was open.

    path, line, column: at the tip, or where it was last seen; line and column are None when the
    whole file is meant. opened_at, closed_at: landing times in UTC. It was open from
    opened_commit (included) to closed_commit (excluded). opened_before_baseline: it was already
    there at opened_commit, the baseline. opened_by, closed_by: authors of the commits, or of
    what a merge brought in; opened_by is None for what was there at the baseline.
    """

    item: str
    campaign: str
    rule: str
    role: str
    repository: str
    path: str
    line: int | None
    column: int | None
    excerpt: str
    team: str
    state: Literal["open", "fixed", "exempt"]
    regressed: bool
    opened_at: datetime
    opened_commit: str
    opened_before_baseline: bool
    closed_at: datetime | None
    closed_commit: str | None
    closed_by: str | None
    url: str | None
    captures: Mapping[str, str]
    opened_by: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that a chart must mark on its day, such as an edited rule.

    repository: the one that it is about; None when it is about the campaign.
    """

    date: date
    kind: str
    text: str
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class ForecastQuantile:
    """By `date` it ends with that chance (0 to 1); None when not within the horizon."""

    chance: float
    date: date | None


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """Open items at the end of a day to come.

    low, median, high: 15, 50 and 85 of 100 simulated futures have at most so many.
    """

    date: date
    low: int
    median: int
    high: int


@dataclass(frozen=True, slots=True)
class CampaignForecast:
    """When a campaign, or what one team or milestone has of it, ends.

    docs/forecast.md defines every number.

    reason: why no day can be given, in a sentence's end; None when there are days. p50, p85: days
    by which it ends with that chance; None when there is a reason, or when it is not within the
    horizon, in years from today. chance: of ending by `due`, 0 to 1; None without a due date or
    with a reason. pace: items fixed a week, over the last four; pace_needed: what `due` takes, new
    items included; None without a due date ahead. growth: items a week by which the scope has grown
    since the campaign began; it is not part of the forecast. weeks: of history that it rests on;
    fixing_weeks: in how many of them something was fixed. unknown: repositories whose items may be
    out of date. fan: from today on; empty when there is a reason or nothing is open.
    """

    campaign: str
    team: str | None
    today: date
    open: int
    due: date | None
    reason: str | None
    p50: date | None
    p85: date | None
    horizon: int
    chance: float | None
    pace: float
    pace_needed: float | None
    growth: float
    weeks: int
    fixing_weeks: int
    unknown: int
    quantiles: tuple[ForecastQuantile, ...]
    fan: tuple[ForecastPoint, ...]
    milestone: str | None = None


@dataclass(frozen=True, slots=True)
class PastForecastRow:
    """By when it would have been said, on one past day, to end with 50 and 85 % chance; None beyond
    the horizon.
    """

    said_on: date
    p50: date | None
    p85: date | None


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """What the forecast would have said earlier, from what was known by then alone.

    told: oldest first; of the last year, or from the first to the last week of a campaign that is
    over. finished: the last day of the week in which it was over; None while something is open.
    p50_passed, p85_passed: how many of those days passed before it was.
    """

    told: tuple[PastForecastRow, ...]
    finished: date | None
    p50_passed: int
    p85_passed: int


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What a page needs to know of a repository. forge: its page there, if it has one."""

    visibility: Visibility
    forge: str | None


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Everything one campaign page needs; series are oldest first.

    Open items are not part of it, as they may be more than fit into memory: `answers.left` gives
    them. regressed: open items that were fixed before.
    team_weeks, rule_weeks: each team's and rule's own weeks, all with the dates of `weeks`.
    team_weeks_then: the teams' by the owners of each day; empty where that is the same.
    facts: by the repository's name. milestones: by due date.
    contacts: the teams of `teams.yaml`, by name. grades: capture to the weeks of each of its
    values, in the order of the values.
    """

    campaign: str
    title: str
    summary: str
    owner: str | None
    guide: str | None
    starts: date
    due: date | None
    today: date
    scanned_at: datetime | None
    status: StatusRow
    forecast: CampaignForecast
    repositories: tuple[StatusRow, ...]
    teams: tuple[StatusRow, ...]
    days: tuple[BurndownPoint, ...]
    weeks: tuple[BurndownPoint, ...]
    regressed: tuple[ItemRow, ...]
    definition: Campaign
    marks: tuple[Mark, ...] = ()
    team_weeks: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    team_weeks_then: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    rule_weeks: Mapping[str, tuple[BurndownPoint, ...]] = field(default_factory=dict)
    facts: Mapping[str, RepositoryFacts] = field(default_factory=dict)
    milestones: tuple[StatusRow, ...] = ()
    exemptions: tuple[ExemptionRow, ...] = ()
    contacts: tuple[TeamContact, ...] = ()
    capture_series: Mapping[str, tuple[tuple[SeriesPoint, ...], ...]] = field(default_factory=dict)
    record: ForecastRecord = ForecastRecord((), None, 0, 0)
