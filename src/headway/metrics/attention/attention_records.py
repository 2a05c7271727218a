"""Records of what changed, why, and who must act; field names are the JSON field names.

A period has a first and a last day, both inclusive. Counts are numbers of items unless the field
says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from headway.metrics.records import (
    CampaignForecast,
    ExemptionRow,
    Mark,
    RepositoryFacts,
    StatusRow,
    TeamContact,
)
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
"""Kinds of actions needed, the most urgent first; docs/digest.md explains the order."""


@dataclass(slots=True, kw_only=True)
class Moves(TeamFlows):
    """The ledger of a period.

    open = open_before + new + regressed + scope_added + lapsed - fixed - scope_removed - exempted

    The sum is by current owners. `received` and `handed_over` are not part of it, because
    transfers between teams are by historical owners.
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
        """Change of the open count; negative if it fell."""
        return self.open - self.open_before


@dataclass(frozen=True, slots=True)
class Work:
    """The items that one commit fixed and opened."""

    repository: str
    commit: str
    day: date
    author: str | None
    """The author; None if the commit fixed nothing."""
    fixed: int
    opened: int
    url: str | None
    """The commit's page; None where the forge is not known."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A repository or team whose items moved in the period."""

    name: str
    moves: Moves
    works: tuple[Work, ...]
    """The commits that moved most items."""
    more: int
    """Number of further commits."""


@dataclass(frozen=True, slots=True)
class Regression:
    """An item that had been fixed and was opened again in the period."""

    repository: str
    team: str
    rule: str
    path: str
    line: int | None
    """The line; None for a whole file."""
    day: date
    """The day on which it was opened again."""
    commit: str
    """The commit that opened it again."""
    author: str | None
    url: str | None
    """A permalink to the item; None where the forge is not known."""
    commit_url: str | None
    """The commit's page; None where the forge is not known."""
    open: bool
    """Whether it is still open at the end of the period."""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """A repository that entered or left scope."""

    repository: str
    day: date
    """The first day in scope, or out of scope."""
    items: int
    """Number of items that entered or left with it."""
    reason: str | None
    """Why it left; None if it entered."""


@dataclass(frozen=True, slots=True)
class StalledTeam:
    """A team with open items that has stalled."""

    team: str
    open: int
    since: date
    """The last fix, or the day from which it has had open items if that is later."""
    last_fix: date | None
    """None if it has never fixed an item."""


@dataclass(frozen=True, slots=True)
class DeadRepository:
    """A repository with open items and no recent commit on its default branch."""

    repository: str
    team: str
    """The team with most of its open items."""
    open: int
    last_commit: date


@dataclass(frozen=True, slots=True)
class Unseen:
    """A time in which a repository was unknown."""

    repository: str
    reason: str
    since: date
    """The first unknown day."""
    until: date | None
    """The first day on which it was known again; None if it still is unknown."""
    open: int
    """Open items by its last known state."""
    fresh: bool
    """Whether it became unknown within the period."""


@dataclass(frozen=True, slots=True)
class MilestoneNews:
    """A milestone that was missed, is due soon, or was reached in the period."""

    state: Literal["missed", "due soon", "reached"]
    row: StatusRow


@dataclass(frozen=True, slots=True)
class Due:
    """A due date."""

    day: date
    milestone: str | None
    """The milestone's name; None for the campaign's own due date."""


@dataclass(frozen=True, slots=True)
class Held:
    """A team's open items in one repository."""

    repository: str
    open: int


@dataclass(frozen=True, slots=True)
class TeamAttention:
    """One team's part of a campaign."""

    team: str
    status: StatusRow
    forecast: CampaignForecast
    moves: Moves
    stalled: StalledTeam | None
    """None if the team has not stalled."""
    due: Due | None
    """The earliest due date of its open items, which may have passed; None without any."""
    left: tuple[Held, ...]
    """Open items by repository, the most first."""
    contact: TeamContact | None
    works: tuple[Work, ...]
    """The commits that moved most items."""
    more: int
    """Number of further commits."""


@dataclass(frozen=True, slots=True)
class Need:
    """One action needed."""

    kind: NeedKind
    who: str | None
    """The team, campaign owner or approver who must act; None if nobody is known."""
    subject: tuple[str, ...]
    """The teams, repositories, milestone or exemption concerned, the largest first."""
    items: int
    """Number of items concerned."""
    day: date | None
    """Since when, or by when."""


@dataclass(frozen=True, slots=True)
class Attention:
    """What changed in one campaign in a period, and who must act."""

    campaign: str
    title: str
    owner: str | None
    guide: str | None
    first: date
    """The first day of the period, or the campaign's first day if that is later."""
    last: date
    """The last day (inclusive)."""
    scanned_on: date | None
    """The day of the latest scan, which knows of no later change; None before the first."""
    status: StatusRow
    """The status at the end of the period."""
    before: StatusRow | None
    """The status before the period, as known today; None if the campaign began within it."""
    forecast: CampaignForecast
    forecast_before: CampaignForecast | None
    """The forecast before the period; None if the campaign began within it."""
    moves: Moves
    open_repositories: int
    """Number of repositories with open items."""
    incomplete: tuple[str, ...]
    """Repositories that lack only the replacement."""
    repositories: tuple[Mover, ...]
    """Repositories whose items moved, the most first."""
    teams: tuple[Mover, ...]
    """Teams whose items moved, the most first."""
    team_parts: tuple[TeamAttention, ...]
    """All teams that have or had items, by number of open items."""
    regressions: tuple[Regression, ...]
    """The latest first."""
    scope_added: tuple[ScopeChange, ...] = field(metadata={"alias": "entered"})
    """Repositories that entered scope."""
    scope_removed: tuple[ScopeChange, ...] = field(metadata={"alias": "left"})
    """Repositories that left scope."""
    stalled: tuple[StalledTeam, ...]
    dead: tuple[DeadRepository, ...]
    """Repositories with open items and no commit for a year."""
    lapsing: tuple[ExemptionRow, ...]
    """Exemptions that lapse soon."""
    lapsed: tuple[ExemptionRow, ...]
    """Exemptions that lapsed in the period."""
    granted: tuple[ExemptionRow, ...]
    """Exemptions that began in the period."""
    idle: tuple[ExemptionRow, ...]
    """Exemptions in force that cover no items."""
    unseen: tuple[Unseen, ...]
    """Times in which repositories were unknown, the current ones first."""
    milestones: tuple[MilestoneNews, ...]
    marks: tuple[Mark, ...]
    needs: tuple[Need, ...]
    """The actions needed, the most urgent first."""
    facts: Mapping[str, RepositoryFacts]
    """Visibility and forge page by repository name."""
