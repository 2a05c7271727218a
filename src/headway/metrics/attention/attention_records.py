"""The answers to "what changed, why, and who must act"; field names are the JSON field names.

A period is a first and a last day, both inclusive: `open_before` is the state at the end of the day
before the first, `open` that at the end of the last. Counts are of items unless it says otherwise.
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
"""What somebody must act on, the most pressing first; docs/digest.md says why in this order."""


@dataclass(slots=True, kw_only=True)
class Moves(TeamFlows):
    """The ledger of a period:
    open = open_before + new + regressed + scope_added + lapsed - fixed - scope_removed - exempted.

    received, handed_over: items that came from or went to another team, by the owners of each day;
    they are not part of the sum, which is by today's owners.
    """

    open_before: int = 0
    open: int = 0
    exempt_before: int = 0
    exempt: int = 0

    @property
    def change(self) -> int:
        """By how much the open count rose; negative where it fell."""
        return self.open - self.open_before


@dataclass(frozen=True, slots=True)
class Work:
    """What one commit fixed and opened. author: of a commit that fixed something. url: its page."""

    repository: str
    commit: str
    day: date
    author: str | None
    fixed: int
    opened: int
    url: str | None


@dataclass(frozen=True, slots=True)
class Mover:
    """A repository or team in which something moved; works: the commits that moved most of it.

    more: how many further commits there are.
    """

    name: str
    moves: Moves
    works: tuple[Work, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Regression:
    """An item that had been fixed and came back in the period.

    url: its line, None where the forge is not known; commit_url: the commit that brought it back.
    open: whether it still is, rather than fixed again since.
    """

    repository: str
    team: str
    rule: str
    path: str
    line: int | None
    day: date
    commit: str
    author: str | None
    url: str | None
    commit_url: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """A repository that came into scope or left it. day: the first in it, or out of it.

    items: how many of its items entered or left with it. reason: why it left.
    """

    repository: str
    day: date
    items: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class StalledTeam:
    """A team with open items and no fix for four weeks.

    since: its last fix, or where that is later, the day from which it had something open.
    last_fix: None where it never fixed anything.
    """

    team: str
    open: int
    since: date
    last_fix: date | None


@dataclass(frozen=True, slots=True)
class DeadRepository:
    """A repository with open items whose default branch does not move. team: that has most."""

    repository: str
    team: str
    open: int
    last_commit: date


@dataclass(frozen=True, slots=True)
class Unseen:
    """A time in which a repository could not be seen. open: what was last seen open in it.

    since: the first day. until: the first day on which it was seen again; None where it still is
    not. fresh: whether it began within the period.
    """

    repository: str
    reason: str
    since: date
    until: date | None
    open: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class MilestoneNews:
    """A milestone that was missed, is due within four weeks, or was reached in the period."""

    state: Literal["missed", "due soon", "reached"]
    row: StatusRow


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something has to be done. milestone: None for the campaign's own."""

    day: date
    milestone: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """What a team has left in one repository."""

    repository: str
    open: int


@dataclass(frozen=True, slots=True)
class TeamAttention:
    """One team's part of a campaign. due: the earliest day, past ones included, by which something
    open of it has to be done. left: where its open items are, the most first.
    """

    team: str
    status: StatusRow
    forecast: CampaignForecast
    moves: Moves
    stalled: StalledTeam | None
    due: Due | None
    left: tuple[Held, ...]
    contact: TeamContact | None
    works: tuple[Work, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to act on. who: the team, campaign owner or approver it is for; None for nobody
    that is known. subject: the teams, repositories or names that it is about, the largest first.
    items: that hang on it. day: since when, or by when.
    """

    kind: NeedKind
    who: str | None
    subject: tuple[str, ...]
    items: int
    day: date | None


@dataclass(frozen=True, slots=True)
class Attention:
    """What changed in one campaign from `first` to `last`, and who must act.

    first: of the period, or the campaign's first day where that is later. scanned_on: the day of
    the campaign's latest scan; what happened after it is not known. before, forecast_before:
    as everything stood at the end of the day before, by what is known today; None where the
    campaign began within the period. open_repositories: how many have something open.
    incomplete: repositories that lack only the replacement. repositories, teams: in which something
    moved, the most first. team_parts: every team that has or had something, those that have most
    left first.
    """

    campaign: str
    title: str
    owner: str | None
    guide: str | None
    first: date
    last: date
    scanned_on: date | None
    status: StatusRow
    before: StatusRow | None
    forecast: CampaignForecast
    forecast_before: CampaignForecast | None
    moves: Moves
    open_repositories: int
    incomplete: tuple[str, ...]
    repositories: tuple[Mover, ...]
    teams: tuple[Mover, ...]
    team_parts: tuple[TeamAttention, ...]
    regressions: tuple[Regression, ...]
    scope_added: tuple[ScopeChange, ...] = field(metadata={"alias": "entered"})
    scope_removed: tuple[ScopeChange, ...] = field(metadata={"alias": "left"})
    stalled: tuple[StalledTeam, ...]
    dead: tuple[DeadRepository, ...]
    lapsing: tuple[ExemptionRow, ...]
    lapsed: tuple[ExemptionRow, ...]
    granted: tuple[ExemptionRow, ...]
    idle: tuple[ExemptionRow, ...]
    unseen: tuple[Unseen, ...]
    milestones: tuple[MilestoneNews, ...]
    marks: tuple[Mark, ...]
    needs: tuple[Need, ...]
    facts: Mapping[str, RepositoryFacts]
