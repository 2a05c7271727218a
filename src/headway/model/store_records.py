"""What goes into the store and comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from headway.model.movement import Movement
from headway.model.repository import Repository


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One run. unknown: how many (campaign, repository) pairs were unknown at its end."""

    today: date
    started_at: datetime
    finished_at: datetime
    headway: str
    repositories: int
    unchanged: int
    unknown: int
    commits: int
    blobs: int


class TrackKey(NamedTuple):
    """One rule of one campaign in one repository: what has a cursor and openings."""

    campaign: str
    rule: str
    repository: str


class Cursor(NamedTuple):
    """How far one rule has been followed in one repository.

    baseline: the day at whose start the walk began. landed_at: seconds since 1970 UTC.
    """

    fingerprint: str
    baseline: date
    commit: str
    landed_at: int


class OwnerVersion(NamedTuple):
    """What a file says about owners by the end of `first_day` and from then on.

    first_day: None for what was there before anything was followed. content: the text of a
    CODEOWNERS file, the owner that a catalog names; None when the file is not there.
    """

    path: str
    first_day: date | None
    content: str | None


class OwnerCursor(NamedTuple):
    """How far the owner files of one repository have been followed; as in `Cursor`."""

    baseline: date
    commit: str
    landed_at: int


class ExemptionRecord(NamedTuple):
    """One exemption and some days on which it holds.

    id: what it covers, as a digest; the same as long as `repositories`, `paths` and `rules` are.
    until: its end as the definition has it, or had it when it was removed. first_day, last_day:
    inclusive; None: from the beginning.
    """

    campaign: str
    id: str
    repositories: tuple[str, ...]
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str
    approved_by: str | None
    until: date
    first_day: date | None
    last_day: date


class EpisodeRow(NamedTuple):
    """One opening as booking needs it. moves: as in `Opening`. team: who has it, as last booked."""

    item: str
    number: int
    rule: str
    path: str
    moves: tuple[tuple[date, str], ...]
    opened_on: date
    closed_on: date | None
    at_baseline: bool
    team: str


class GradedRow(NamedTuple):
    """An opening of a rule that captures something, with what it captured.

    All but the first two are the columns of an `EpisodeRow` as the store has them: `episode_of`
    makes one of them where it is needed.
    """

    repository: str
    captures: Mapping[str, str]
    item: str
    number: int
    rule: str
    path: str
    moves: str | None
    opened_on: date
    closed_on: date | None
    at_baseline: bool
    team: str


class UnknownRecord(NamedTuple):
    """A repository whose part in a campaign cannot be told.

    since: first day. known_until: the last day whose state is known, or None when none is.
    """

    reason: str
    since: date
    known_until: date | None


class RuleRecord(NamedTuple):
    """A rule as the last scan had it. since: the day from which this fingerprint is in force."""

    role: str
    fingerprint: str
    weight: float
    since: date


class CampaignRecord(NamedTuple):
    """What the scans so far have settled about a campaign.

    first_scanned_on, last_scanned_on: days of its scans. starts: the burndown's first day.
    exemptions: fingerprint of the exemptions that the movements were booked with.
    """

    first_scanned_on: date
    last_scanned_on: date
    starts: date
    exemptions: str


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    """A repository as it was last listed, and what the scans know of it besides.

    first_commit_on: day of the first commit of its default branch, or None when never walked.
    gone_on: the first day on which a complete listing no longer had it.
    """

    listed: Repository
    first_commit_on: date | None
    first_listed_on: date
    last_listed_on: date
    gone_on: date | None


class MembershipSpan(NamedTuple):
    """Days in scope, inclusive; None: from the beginning, or until further notice."""

    first: date | None
    last: date | None
    reason: str


class LedgerTotal(NamedTuple):
    """The sum of all movements of one rule in one repository and team up to a day."""

    repository: str
    rule: str
    team: str
    total: Movement
    last_fix: date | None


class LedgerEntry(NamedTuple):
    """What was booked on one day for one rule in one repository and team."""

    repository: str
    rule: str
    team: str
    day: date
    movement: Movement


class Pace(NamedTuple):
    """What one team has and does in a campaign by the end of a day.

    open: items. open_since: the day on which it had something open for the last time after it had
    nothing. last_fix: the last day on which it fixed something.
    """

    team: str
    open: int
    open_since: date | None
    last_fix: date | None


class MarkRecord(NamedTuple):
    """Something that a chart marks; repository is a key, or None for the whole campaign."""

    campaign: str
    repository: str | None
    day: date
    kind: str
    description: str


class ObservedState(NamedTuple):
    """The state that a scan saw on a day; reason: why it was unknown."""

    day: date
    state: str
    reason: str | None


class OpenItems(NamedTuple):
    """Which items, all of them in scope and open at the end of `day`.

    campaigns: theirs, and the order that they come in. teams: whose, and the order of these; None
    for all. repositories: keys; None for all. regressed: only those that were fixed before.
    """

    day: date
    campaigns: tuple[str, ...]
    teams: tuple[str, ...] | None = None
    repositories: tuple[str, ...] | None = None
    regressed: bool = False


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
    closed_at: datetime | None
    """The landing time, in UTC without a time zone; None while the item is open."""
    closed_on: date | None
    closed_commit: str | None
    closed_by: str | None
    captures: Mapping[str, str]
    """Captured values by name, sorted."""


class SnapshotRow(NamedTuple):
    """One repository in one campaign at the end of a day.

    basis: `scan` for what a scan saw on that day, `walk` for what the history says of it.
    """

    campaign: str
    repository: str
    day: date
    basis: str
    state: str
    open: int
    fixed: int
    exempt: int
    completion: float | None
    reason: str | None
