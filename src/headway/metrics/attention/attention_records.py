"""Records of what changed, why, and who must act. JSON output has the same field names.

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

    A team's changes are those of its current items. `received` and `handed_over` are exceptions:
    they count transfers between historical owners, so they are not part of the sum.
    """

    open_before: int = 0
    """Open items at the end of the day before the period."""
    open: int = 0
    """Open items at the end of the period."""
    exempt_before: int = 0
    """Exempt items at the end of the day before the period."""
    exempt: int = 0
    """Exempt items at the end of the period."""

    @property
    def change(self) -> int:
        """The change in the number of open items, which is negative if the number fell."""
        return self.open - self.open_before


@dataclass(frozen=True, slots=True)
class Work:
    """How many items one commit fixed, and how many it opened."""

    repository: str
    commit: str
    day: date
    author: str | None
    """The author of the commit; None if the commit fixed no items."""
    fixed: int
    opened: int
    url: str | None
    """The URL of the commit's page; None for an unknown forge."""


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
    """The line number; None for a whole file."""
    day: date
    """The day on which the item reopened."""
    commit: str
    """The commit that reopened the item."""
    author: str | None
    url: str | None
    """A permalink to the item; None for an unknown forge."""
    commit_url: str | None
    """The URL of the commit's page; None for an unknown forge."""
    open: bool
    """Whether the item is open at the end of the period."""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """A repository that entered or left scope in the period."""

    repository: str
    day: date
    """The first day in scope or, for a repository that left, the first day out of scope."""
    items: int
    """How many items entered or left scope with the repository."""
    reason: str | None
    """Why the repository left scope; None if it entered scope."""


@dataclass(frozen=True, slots=True)
class StalledTeam:
    """A team that has open items but has fixed none recently."""

    team: str
    open: int
    since: date
    """The day of the last fix or, if later, the day since which the team has had open items.
    """
    last_fix: date | None
    """The day of the last fix; None if the team has never fixed an item."""


@dataclass(frozen=True, slots=True)
class DeadRepository:
    """A repository with open items and no recent commit on its default branch."""

    repository: str
    team: str
    """The team with the most open items in the repository."""
    open: int
    last_commit: date


@dataclass(frozen=True, slots=True)
class Unseen:
    """A span of days on which the state of a repository was unknown."""

    repository: str
    reason: str
    since: date
    """The first day with an unknown state."""
    until: date | None
    """The first day with a known state again; None if the state is still unknown."""
    open: int
    """Open items in the last known state."""
    fresh: bool
    """Whether the state became unknown within the period."""


@dataclass(frozen=True, slots=True)
class MilestoneNews:
    """A milestone that was missed, is due soon, or was reached in the period."""

    state: Literal["missed", "due soon", "reached"]
    row: StatusRow


@dataclass(frozen=True, slots=True)
class Due:
    """The due date of a campaign or milestone."""

    day: date
    milestone: str | None
    """The milestone's name; None for the campaign's own due date."""

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
    """The earliest due date of these items: the campaign's, or that of a milestone with the
    repository. None if there is none.
    """


@dataclass(frozen=True, slots=True)
class TeamAttention:
    """A team's open items and changes in a campaign."""

    team: str
    status: StatusRow
    forecast: CampaignForecast
    moves: Moves
    stalled: StalledTeam | None
    """Details of the inactivity; None if the team has not stalled."""
    due: Due | None
    """The earliest due date of the team's open items, even if it has passed; None if there is none.
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
    """One action needed."""

    kind: NeedKind
    who: str | None
    """The team, campaign owner or approver who must act; None if the campaign file names nobody."""
    subject: tuple[str, ...]
    """The teams, repositories, milestone or exemption that the action is about, sorted by number of
    items.
    """
    items: int
    day: date | None
    """When the action is due, or since when it has been needed; None if neither is known."""
    deadline: date | None = None
    """The next due date, of the campaign or of a milestone, that depends on the action; None if
    there is none.
    """


@dataclass(frozen=True, slots=True)
class Attention:
    """What changed in one campaign in a period, and who must act."""

    campaign: str
    title: str
    owner: str | None
    guide: str | None
    first: date
    """The first day of the period, or of the campaign if that is later."""
    last: date
    """The last day of the period (inclusive)."""
    scanned_on: date | None
    """The day of the latest scan, after which changes are unknown; None before the first scan."""
    status: StatusRow
    """The status at the end of the period."""
    before: StatusRow | None
    """The status on the day before the period; None if the campaign began within the period."""
    forecast: CampaignForecast
    forecast_before: CampaignForecast | None
    """The forecast on the day before the period; None if the campaign began within the period."""
    moves: Moves
    open_repositories: int
    """The number of repositories with open items."""
    incomplete: tuple[str, ...]
    """Repositories that have no open items but still lack a required match."""
    repositories: tuple[Mover, ...]
    """Repositories with changes, those with the most changes first."""
    teams: tuple[Mover, ...]
    """Teams with changes, those with the most changes first."""
    team_parts: tuple[TeamAttention, ...]
    """All teams that have or had items, those with the most open items first."""
    regressions: tuple[Regression, ...]
    """Items that regressed in the period, latest first."""
    scope_added: tuple[ScopeChange, ...] = field(metadata={"alias": "entered"})
    """Repositories that entered scope in the period."""
    scope_removed: tuple[ScopeChange, ...] = field(metadata={"alias": "left"})
    """Repositories that left scope in the period."""
    stalled: tuple[StalledTeam, ...]
    dead: tuple[DeadRepository, ...]
    """Repositories with open items and no commit for a year."""
    lapsing: tuple[ExemptionRow, ...]
    """Exemptions in force that lapse soon."""
    lapsed: tuple[ExemptionRow, ...]
    """Exemptions that lapsed in the period."""
    granted: tuple[ExemptionRow, ...]
    """Exemptions that began in the period."""
    idle: tuple[ExemptionRow, ...]
    """Exemptions in force that cover no items."""
    unseen: tuple[Unseen, ...]
    """Spans of days on which a repository's state was unknown, unfinished spans first."""
    milestones: tuple[MilestoneNews, ...]
    marks: tuple[Mark, ...]
    needs: tuple[Need, ...]
    """The actions needed, most urgent first."""
    facts: Mapping[str, RepositoryFacts]
    """The visibility and forge URL of each repository, by name."""
