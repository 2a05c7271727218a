"""Records that go into the store and come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from headway.model.movement import Movement
from headway.model.repository import Repository


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One scan, as the scan log has it."""

    today: date
    """The day that the scan was for."""
    started_at: datetime
    finished_at: datetime
    headway: str
    """The version of Headway that scanned."""
    repositories: int
    unchanged: int
    """Repositories with no new commit."""
    unknown: int
    """(campaign, repository) pairs that were unknown at the end."""
    commits: int
    blobs: int


class TrackKey(NamedTuple):
    """One rule of one campaign in one repository, which has a cursor and openings."""

    campaign: str
    rule: str
    repository: str


class Cursor(NamedTuple):
    """How far one rule has been followed in one repository."""

    fingerprint: str
    """Of the rule that was followed; empty if an older version of Headway followed it."""
    baseline: date
    """The day at whose start the walk began."""
    commit: str
    """The last commit that was followed."""
    landed_at: int
    """Landing time of `commit`, in seconds since 1970 UTC."""
    recheck_on: date | None = None
    """The first day on which earlier landing times can change without an earlier commit, because a
    commit claims to be from that day; None if there is no such commit. No later than `commit` if
    they depend on commits after it."""
    cut: str | None = None
    """The first commit that the clone had, if it was shallow; None otherwise."""
    known_from: date | None = None
    """The day on which `cut` landed if that is after the baseline: nothing is known before it."""

    @property
    def is_outdated(self) -> bool:
        """Whether this version of Headway must walk the history again."""
        return not self.fingerprint


class OwnerVersion(NamedTuple):
    """What a file says about owners from the end of one day until its next version."""

    path: str
    first_day: date | None
    """None for the version that existed before the file was followed."""
    content: str | None
    """The text of a CODEOWNERS file, or the owner that a catalog names; None for no file."""


class OwnerCursor(NamedTuple):
    """How far the owner files of one repository have been followed, as in `Cursor`."""

    baseline: date
    commit: str
    landed_at: int


class ExemptionRecord(NamedTuple):
    """One exemption and a period of days in which it is in force."""

    campaign: str
    id: str
    """Fingerprint of `repositories`, `paths` and `rules`."""
    repositories: tuple[str, ...]
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str
    approved_by: str | None
    until: date
    """Its last day as defined, or as last defined before it was removed."""
    first_day: date | None
    """First day of the period (inclusive); None means from the beginning."""
    last_day: date
    """Last day of the period (inclusive)."""


class EpisodeRow(NamedTuple):
    """One opening as the ledger needs it."""

    item: str
    number: int
    """1 for the item's first opening."""
    rule: str
    path: str
    moves: tuple[tuple[date, str], ...]
    """(day, path at the end of that day), oldest first; empty if the item never moved."""
    opened_on: date
    closed_on: date | None
    at_baseline: bool
    team: str
    """The owner that the last scan recorded."""


class CapturedRow(NamedTuple):
    """One opening of a rule that captures values.

    The fields after `captures` are those of an `EpisodeRow` as the store has them; `episode_of`
    converts them when needed.
    """

    repository: str
    """The repository's key."""
    captures: Mapping[str, str]
    """Captured values by name."""
    item: str
    number: int
    rule: str
    path: str
    versions: str | None
    """As encoded by `row_codec.versions_text`."""
    opened_on: date
    closed_on: date | None
    at_baseline: bool
    team: str


class UnknownRecord(NamedTuple):
    """Why the state of a repository in a campaign is unknown."""

    reason: str
    since: date
    """The first day on which it was unknown."""
    known_until: date | None
    """The last day whose state is known; None if no day's state is known."""


class RuleRecord(NamedTuple):
    """A rule as it was last scanned."""

    role: str
    fingerprint: str
    weight: float
    since: date
    """The first day on which the fingerprint was in force."""


class CampaignRecord(NamedTuple):
    """What scans have settled about a campaign."""

    first_scanned_on: date
    last_scanned_on: date
    starts: date
    """The burndown's first day."""
    exemptions: str
    """Fingerprint of the exemptions that the ledger was made with."""


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    """A repository as it was last listed, and what scans know about it."""

    listed: Repository
    first_commit_on: date | None
    """Day of the first commit of its default branch; None if it was never walked."""
    first_listed_on: date
    last_listed_on: date
    gone_on: date | None
    """The first day on which a complete listing lacked it; None while it is listed."""


class MembershipSpan(NamedTuple):
    """A span of days on which a repository is in a campaign's scope."""

    first: date | None
    """First day (inclusive); None means from the beginning."""
    last: date | None
    """Last day (inclusive); None means until further notice."""
    reason: str
    """Why the span ended; empty while it lasts."""


class LedgerTotal(NamedTuple):
    """The sum of all movements up to a day of one rule, in one repository and team."""

    repository: str
    rule: str
    team: str
    total: Movement
    last_fix: date | None
    """The last day with a fix; None if there was none."""


class LedgerEntry(NamedTuple):
    """The movement of one rule on one day, in one repository and team."""

    repository: str
    rule: str
    team: str
    day: date
    movement: Movement


class Pace(NamedTuple):
    """What one team has open and last fixed in a campaign, at the end of a day."""

    team: str
    open: int
    open_since: date | None
    """The day on which the team last went from no open items to some; None if it never did."""
    last_fix: date | None


class MarkRecord(NamedTuple):
    """Something that a chart marks."""

    campaign: str
    repository: str | None
    """The repository's key; None for the whole campaign."""
    day: date
    kind: str
    description: str
    before: str | None = None
    """The value before a change of a setting; None for other marks, or if there was none."""
    after: str | None = None
    """The value after it."""


class ObservedState(NamedTuple):
    """The state of a repository that a scan observed."""

    day: date
    state: str
    reason: str | None
    """Why it was unknown; None if it was known."""


class OpenItems(NamedTuple):
    """A selection of the items that are in scope and open at the end of a day."""

    day: date
    campaigns: tuple[str, ...]
    """Campaigns to select, in the order of the results."""
    teams: tuple[str, ...] | None = None
    """Teams to select, in the order of the results; None selects all."""
    repositories: tuple[str, ...] | None = None
    """Keys of the repositories to select; None selects all."""
    regressed: bool = False
    """Whether to select only items that were fixed before."""


class OpeningRow(NamedTuple):
    """An opening with what commands and pages show of it."""

    campaign: str
    rule: str
    repository: str
    """The repository's key."""
    item: str
    path: str
    line: int | None
    column: int | None
    excerpt: str
    team: str
    """The current owner."""
    regressed: bool
    """Whether the item had been fixed before."""
    opened_at: datetime
    """The landing time, in UTC without a time zone."""
    opened_commit: str
    at_baseline: bool
    opened_by: str | None
    opened_by_all: str | None
    """Encoded names; None if there is at most one."""
    closed_at: datetime | None
    """The landing time, in UTC without a time zone; None while the item is open."""
    closed_on: date | None
    closed_commit: str | None
    closed_by: str | None
    closed_by_all: str | None
    """Encoded names; None if there is at most one."""
    captures: Mapping[str, str]
    """Captured values by name, sorted."""
    text: str
    """The matched line as it was last seen, character for character."""
    versions: str | None
    """What it looked like over time, as encoded by `row_codec.versions_text`."""


class SnapshotRow(NamedTuple):
    """The state of one repository in one campaign at the end of a day."""

    campaign: str
    repository: str
    """The repository's key."""
    day: date
    basis: str
    """`scan` for what a scan observed on that day, `walk` for what history says about it."""
    state: str
    open: int
    fixed: int
    exempt: int
    completion: float | None
    """Share of the weight that is fixed, 0 to 1; None if there is nothing to fix."""
    reason: str | None
    """Why it is unknown; None if it is known."""
