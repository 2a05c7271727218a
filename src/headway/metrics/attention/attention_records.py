"""Records of changes, their causes, and who must act. JSON output has the same field names.

The first and last day of a period are inclusive. Counts are numbers of items unless documented
otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import ExemptionRow, Mark, RepositoryFacts, StatusRow, TeamContact
from headway.model.movement import TeamFlows

NeedKind = Literal[
    "not scanned",
    "unknown",
    "overdue",
    "unlikely",
    "milestone missed",
    "milestone unlikely",
    "stalled",
    "not begun",
    "regressed",
    "incomplete",
    "exemption lapsed",
    "exemption lapses",
    "dead",
    "unowned",
    "scope added",
    "milestone due",
    "idle exemption",
]
"""The kinds of actions needed, most urgent first. docs/digest.md explains the order."""


@dataclass(slots=True, kw_only=True)
class Moves(TeamFlows):
    """The number of changes of each kind in a period.

    open = open_before + new + regressed + moved_in + scope_added + lapsed
           - fixed - moved_out - scope_removed - exempted

    A team's changes are those of its current items. Only `received` and `handed_over` count
    transfers between historical owners, so they are not part of the sum.
    """

    open_before: int = 0
    """The number of open items at the end of the day before the period."""
    open: int = 0
    """The number of open items at the end of the period."""
    exempt_before: int = 0
    """The number of exempt items at the end of the day before the period."""
    exempt: int = 0
    """The number of exempt items at the end of the period."""

    @property
    def change(self) -> int:
        """The change in the number of open items. It is negative if the number fell."""
        return self.open - self.open_before


@dataclass(frozen=True, slots=True)
class Work:
    """The numbers of items that a commit fixed and opened."""

    repository: str
    commit: str
    day: date
    author: str | None
    """The author of the commit, or None if the author is unknown or the commit fixed no items."""
    fixed: int
    opened: int
    url: str | None
    """The URL of the commit's page, or None for an unknown forge."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A repository or team with changes in the period."""

    name: str
    moves: Moves
    works: tuple[Work, ...]
    """The commits that fixed or opened the most items."""
    more: int
    """The number of further commits that fixed or opened items."""


@dataclass(frozen=True, slots=True)
class Regression:
    """An item that was fixed earlier and reopened during the period."""

    repository: str
    team: str
    rule: str
    path: str
    line: int | None
    """The line number, or None for a whole file."""
    day: date
    """The day on which the item reopened."""
    commit: str
    """The commit that reopened the item."""
    author: str | None
    url: str | None
    """A permalink to the item, or None for an unknown forge."""
    commit_url: str | None
    """The URL of the commit's page, or None for an unknown forge."""
    open: bool
    """Whether the item is open at the end of the period."""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """A repository that entered or left scope in the period."""

    repository: str
    day: date
    """The first day in scope or, for a repository that left, the first day out of scope."""
    items: int
    """The number of items that entered or left scope with the repository."""
    reason: str | None
    """The reason why the repository left scope, or None if it entered scope."""


@dataclass(frozen=True, slots=True)
class StalledTeam:
    """A team with open items that has fixed none recently."""

    team: str
    open: int
    since: date
    """The day of the last fix or, if later, the day since which the team has had open items."""
    last_fix: date | None
    """The day of the last fix, or None if the team has never fixed an item."""


@dataclass(frozen=True, slots=True)
class DeadRepository:
    """A repository with open items but no recent commits on its default branch."""

    repository: str
    team: str
    """The team with the most open items in the repository."""
    open: int
    last_commit: date


@dataclass(frozen=True, slots=True)
class Unseen:
    """A period in which the state of a repository was unknown."""

    repository: str
    reason: str
    since: date
    """The first day with an unknown state."""
    until: date | None
    """The first day with a known state again, or None if the state is still unknown."""
    open: int
    """The number of open items in the last known state."""
    fresh: bool
    """Whether the state became unknown within the period."""


@dataclass(frozen=True, slots=True)
class MilestoneNews:
    """A milestone that was missed or reached in the period, or is due soon."""

    state: Literal["missed", "due soon", "reached"]
    row: StatusRow


@dataclass(frozen=True, slots=True)
class Due:
    """The due date of a campaign or milestone."""

    day: date
    milestone: str | None
    """The milestone's name, or None for the campaign's own due date."""

    @property
    def order(self) -> tuple[date, str]:
        """A sort key. On the same day, the campaign's due date comes before milestones."""
        return self.day, self.milestone or ""


@dataclass(frozen=True, slots=True)
class Held:
    """A team's open items in one repository."""

    repository: str
    open: int
    due: Due | None = None
    """The earliest due date of these items, either the campaign's or a milestone's.

    None means that the items have no due date.
    """


@dataclass(frozen=True, slots=True)
class TeamAttention:
    """A team's open items and changes in a campaign."""

    team: str
    status: StatusRow
    forecast: CampaignForecast
    moves: Moves
    stalled: StalledTeam | None
    """Details of the inactivity, or None if the team is not stalled."""
    due: Due | None
    """The earliest due date of the team's open items, even if it has passed.

    None means that the items have no due date.
    """
    left: tuple[Held, ...]
    """The team's open items in each repository, largest number first."""
    contact: TeamContact | None
    works: tuple[Work, ...]
    """The commits that fixed or opened the most items."""
    more: int
    """The number of further commits that fixed or opened items."""


@dataclass(frozen=True, slots=True)
class Need:
    """An action needed."""

    kind: NeedKind
    who: str | None
    """The team, campaign owner or approver who must act, or None if the campaign file names nobody.
    """
    subject: tuple[str, ...]
    """The teams, repositories, milestone or exemption that the action is about, sorted by number of
    items.
    """
    items: int
    day: date | None
    """The due date of the action, or the day since which it has been needed, or None if neither is
    known.
    """
    deadline: date | None = None
    """The due date, of the campaign or a milestone, that cannot be met without the action.

    It may be in the past. None if there is no such due date.
    """


@dataclass(frozen=True, slots=True)
class Attention:
    """A campaign's changes during a period, and who must act."""

    campaign: str
    title: str
    owner: str | None
    guide: str | None
    first: date
    """The first day of the period, or of the campaign if the campaign begins later."""
    last: date
    """The last day of the period (inclusive)."""
    scanned_on: date | None
    """The day of the latest scan, or None before the first scan. Later changes are unknown.
    """
    status: StatusRow
    """The status at the end of the period."""
    before: StatusRow | None
    """The status on the day before the period, or None if the campaign began within the period."""
    forecast: CampaignForecast
    forecast_before: CampaignForecast | None
    """The forecast on the day before the period, or None if the campaign began within the period.
    """
    moves: Moves
    open_repositories: int
    """The number of repositories with open items."""
    incomplete: tuple[str, ...]
    """Repositories without open items that still lack a required match."""
    repositories: tuple[Mover, ...]
    """The repositories with changes, most changes first."""
    teams: tuple[Mover, ...]
    """The teams with changes, most changes first."""
    team_parts: tuple[TeamAttention, ...]
    """All teams that have or had items, most open items first."""
    regressions: tuple[Regression, ...]
    """The items that regressed in the period, latest first."""
    scope_added: tuple[ScopeChange, ...] = field(metadata={"alias": "entered"})
    """The repositories that entered scope in the period."""
    scope_removed: tuple[ScopeChange, ...] = field(metadata={"alias": "left"})
    """The repositories that left scope in the period."""
    stalled: tuple[StalledTeam, ...]
    dead: tuple[DeadRepository, ...]
    """The repositories with open items and no commits for a year."""
    lapsing: tuple[ExemptionRow, ...]
    """The exemptions in force that cover items and lapse soon."""
    lapsed: tuple[ExemptionRow, ...]
    """The exemptions that lapsed in the period."""
    granted: tuple[ExemptionRow, ...]
    """The exemptions that began in the period."""
    idle: tuple[ExemptionRow, ...]
    """The exemptions in force that cover no items."""
    unseen: tuple[Unseen, ...]
    """The periods in which a repository's state was unknown, unfinished periods first."""
    milestones: tuple[MilestoneNews, ...]
    marks: tuple[Mark, ...]
    needs: tuple[Need, ...]
    """The actions needed, most urgent first."""
    facts: Mapping[str, RepositoryFacts]
    """The visibility and forge URL of each repository, by name."""
