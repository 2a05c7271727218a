"""Records of what changed, why, and who must act. JSON output has the same field names.

A period has a first and a last day, both inclusive. Counts are numbers of items unless documented
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
"""The kinds of actions needed, in order of urgency (most urgent first). docs/digest.md explains the
order."""


@dataclass(slots=True, kw_only=True)
class Moves(TeamFlows):
    """The number of changes of each kind in a period.

    open = open_before + new + regressed + moved_in + scope_added + lapsed
           - fixed - moved_out - scope_removed - exempted

    A team's changes are those of the items that it currently owns, except `received` and
    `handed_over`, which count transfers between historical owners. These two fields are therefore
    not part of the sum.
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
        """The change in the number of open items; negative if the number fell."""
        return self.open - self.open_before


@dataclass(frozen=True, slots=True)
class Work:
    """The number of items that one commit fixed, and the number that it opened."""

    repository: str
    commit: str
    day: date
    author: str | None
    """The author of the commit; None if the commit fixed no items."""
    fixed: int
    opened: int
    url: str | None
    """The URL of the commit's page; None if the forge is unknown."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A repository or team with changes in the period."""

    name: str
    moves: Moves
    works: tuple[Work, ...]
    """The commits that fixed or opened the most items."""
    more: int
    """The number of other commits that fixed or opened items."""


@dataclass(frozen=True, slots=True)
class Regression:
    """An item that had been fixed and was reopened during the period."""

    repository: str
    team: str
    rule: str
    path: str
    line: int | None
    """The line number; None for a whole file."""
    day: date
    """The day on which the item was reopened."""
    commit: str
    """The hash of the commit that reopened the item."""
    author: str | None
    url: str | None
    """A permalink to the item; None if the forge is unknown."""
    commit_url: str | None
    """The URL of the commit's page; None if the forge is unknown."""
    open: bool
    """Whether the item is open at the end of the period."""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """A repository that entered or left scope in the period."""

    repository: str
    day: date
    """The first day in scope if the repository entered scope, or out of scope if it left."""
    items: int
    """The number of items that entered or left scope with the repository."""
    reason: str | None
    """The reason why the repository left scope; None if it entered scope."""


@dataclass(frozen=True, slots=True)
class StalledTeam:
    """A stalled team: it has open items, but has fixed none recently."""

    team: str
    open: int
    since: date
    """The day of the last fix or, if later, the day since which the team has had open items."""
    last_fix: date | None
    """The day of the last fix; None if the team has never fixed an item."""


@dataclass(frozen=True, slots=True)
class DeadRepository:
    """A repository with open items and no recent commit on its default branch."""

    repository: str
    team: str
    """The team that owns the most open items in the repository."""
    open: int
    last_commit: date


@dataclass(frozen=True, slots=True)
class Unseen:
    """A span of days on which the state of a repository was unknown."""

    repository: str
    reason: str
    since: date
    """The first day on which the state was unknown."""
    until: date | None
    """The first day on which the state was known again; None if it is still unknown."""
    open: int
    """The number of open items in the last known state."""
    fresh: bool
    """Whether the state became unknown within the period of the digest."""


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


@dataclass(frozen=True, slots=True)
class Held:
    """A team's open items in one repository."""

    repository: str
    open: int


@dataclass(frozen=True, slots=True)
class TeamAttention:
    """The open items and the changes of one team in a campaign."""

    team: str
    status: StatusRow
    forecast: CampaignForecast
    moves: Moves
    stalled: StalledTeam | None
    """Details of the inactivity; None if the team has not stalled."""
    due: Due | None
    """The earliest due date that applies to the team's open items, even if it has passed; None if
    no due date applies."""
    left: tuple[Held, ...]
    """The number of the team's open items in each repository (largest first)."""
    contact: TeamContact | None
    works: tuple[Work, ...]
    """The commits that fixed or opened the most items."""
    more: int
    """The number of other commits that fixed or opened items."""


@dataclass(frozen=True, slots=True)
class Need:
    """One action needed."""

    kind: NeedKind
    who: str | None
    """The team, campaign owner or approver who must act; None if the campaign file names nobody."""
    subject: tuple[str, ...]
    """The teams, repositories, milestone or exemption concerned, sorted by number of items."""
    items: int
    """The number of items concerned."""
    day: date | None
    """The day by which the action is due, or since which it has been needed; None if neither
    applies."""


@dataclass(frozen=True, slots=True)
class Attention:
    """The changes in one campaign in a period, and the actions needed."""

    campaign: str
    title: str
    owner: str | None
    guide: str | None
    first: date
    """The first day of the period, or the campaign's first day if that is later."""
    last: date
    """The last day of the period (inclusive)."""
    scanned_on: date | None
    """The day of the latest scan; later changes are not included. None before the first scan."""
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
    """The names of the repositories that have no open items but still lack a required match."""
    repositories: tuple[Mover, ...]
    """The repositories with changes, sorted by number of changes (largest first)."""
    teams: tuple[Mover, ...]
    """The teams with changes, sorted by number of changes (largest first)."""
    team_parts: tuple[TeamAttention, ...]
    """All teams that have or had items, sorted by number of open items (largest first)."""
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
    """Spans of days on which the state of a repository was unknown. Spans that have not ended come
    first."""
    milestones: tuple[MilestoneNews, ...]
    marks: tuple[Mark, ...]
    needs: tuple[Need, ...]
    """The actions needed, the most urgent first."""
    facts: Mapping[str, RepositoryFacts]
    """The visibility and forge URL of each repository, by repository name."""
