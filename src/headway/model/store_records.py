"""Records that the store saves and returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from headway.model.movement import ClosedAs, Movement, OpenedAs
from headway.model.repository import Repository


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One scan, as recorded in the scan log."""

    today: date
    """The date that the scan used as today."""
    started_at: datetime
    finished_at: datetime
    headway: str
    """The version of Headway that ran the scan."""
    repositories: int
    unchanged: int
    """The number of repositories without new commits."""
    unknown: int
    """The number of (campaign, repository) pairs whose state was unknown after the scan."""
    commits: int
    blobs: int


class TrackKey(NamedTuple):
    """Identifies the track of one rule of one campaign in one repository."""

    campaign: str
    rule: str
    repository: str


class Beginning(NamedTuple):
    """The commit at which the scanned history of a rule begins in a repository."""

    position: int
    """The number of first-parent commits before `commit`."""
    commit: str
    landed_at: int
    """The landing time of the commit, in seconds since 1970 UTC."""
    day: date
    at_baseline: bool
    """Whether the repository has or could have earlier commits."""


class Cursor(NamedTuple):
    """The commit up to which a rule has been scanned in a repository."""

    fingerprint: str
    """The fingerprint of the scanned rule. Empty if an older version of Headway scanned it."""
    baseline: date
    """The first day of the scanned history."""
    commit: str
    """The last scanned commit."""
    landed_at: int
    """The landing time of `commit`, in seconds since 1970 UTC."""
    recheck_on: date | None = None
    """The day from which landing times can change without new commits, or None if they cannot.

    On this day, a commit time that is currently in the future becomes plausible. If landing times
    also depend on commits after `commit`, this is the day of `landed_at` or earlier, so that the
    next scan always reads the whole chain.
    """
    cut: str | None = None
    """The oldest commit of a shallow clone, or None if the clone was complete."""
    known_from: date | None = None
    """The day on which `cut` landed. Nothing is known before this day.

    The day is None if no history after the baseline is missing.
    """

    binary_files: int = 0
    """The number of selected files at `commit` that were skipped as binary."""
    position: int | None = None
    """The number of first-parent commits before `commit`.

    The number is None unless the campaign's items depend on conditions. See
    `Campaign.has_conditions`.
    """
    begins: Beginning | None = None
    """The beginning of the scanned history. None if and only if `position` is None."""

    @property
    def is_outdated(self) -> bool:
        """Return whether this version of Headway must scan the history again."""
        return not self.fingerprint


class OwnerVersion(NamedTuple):
    """A version of a file that names owners, in force until the next version."""

    path: str
    first_day: date | None
    """The day on which the version was committed, or None if it is older than the scanned history.
    """
    content: str | None
    """The contents of a CODEOWNERS file, or the owner that a `catalog-info.yaml` names. None if the
    file is missing.
    """


class AttributeFiles(NamedTuple):
    """The `.gitattributes` files of one commit."""

    blobs: Mapping[str, str]
    """Maps the path of each file to its blob ID."""
    has_marks: bool
    """Whether any of the files marks paths as vendored or generated."""


class OwnerCursor(NamedTuple):
    """The commit up to which a repository's owner files have been read."""

    baseline: date
    commit: str
    landed_at: int
    attributes: AttributeFiles | None = None
    """The `.gitattributes` files at `commit`, or None if they are unknown."""
    binary_files: tuple[str, ...] = ()
    """The sorted paths of the binary files at `commit` that at least one rule selects.

    The store saves these paths, but does not return them in cursors. A scan reads the paths
    separately, and only for the repositories that it walks.
    """


class ExemptionRecord(NamedTuple):
    """An exemption and one period during which it is in force."""

    campaign: str
    id: str
    """The fingerprint of `repositories`, `paths` and `rules`."""
    repositories: tuple[str, ...]
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str
    approved_by: str | None
    until: date
    """The last day according to the campaign file. For a removed exemption, the last day before its
    removal.
    """
    first_day: date | None
    """The first day of the period (inclusive). None means from the beginning of the history."""
    last_day: date
    """The last day of the period (inclusive)."""


class EpisodeRow(NamedTuple):
    """The fields of an opening that the ledger needs.

    An opening is a period during which an item was open.
    """

    item: str
    number: int
    """1 for the item's first opening, 2 for the second, and so on."""
    rule: str
    path: str
    moves: tuple[tuple[date, str], ...]
    """(Day, path at the end of the day) pairs, oldest first. Empty if the item never moved."""
    opened_on: date
    closed_on: date | None
    at_baseline: bool
    team: str
    """The owner that the last scan recorded."""
    opened_as: OpenedAs | None = None
    """The way in which the item was opened. See `Opening.opened_as`."""
    closed_as: ClosedAs | None = None
    """The way in which the item was closed. See `Opening.closed_as`."""


class CapturedRow(NamedTuple):
    """One opening of an item whose rule captures values.

    The fields after `captures` are those of an `EpisodeRow`, encoded as in the store. Use
    `episode_of` to decode them.
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
    """The versions of the opening, encoded by `row_codec.versions_text`. None if the item was never
    moved or edited.
    """
    opened_on: date
    closed_on: date | None
    at_baseline: bool
    team: str
    opened_as: OpenedAs | None = None
    closed_as: ClosedAs | None = None


class UnknownRecord(NamedTuple):
    """The reason why the state of a repository in a campaign is unknown."""

    reason: str
    since: date
    """The first day on which the state was unknown."""
    known_until: date | None
    """The last day on which the state was known, or None if it was never known."""


class GapSpan(NamedTuple):
    """File versions that one rule could not read, with the same first and last day."""

    campaign: str
    repository: str
    """The repository's key."""
    rule: str
    opened_on: date
    """The first day on which the unreadable versions were the latest ones."""
    at_baseline: bool
    """Whether the rule's history begins with the unreadable versions."""
    closed_on: date | None
    """The day of the next versions, or None if the gaps are still open."""
    versions: int
    path: str
    """The path of the first version. Empty if the rule could not read the list of paths."""
    opened_commit: str
    """The commit with the first version."""
    reason: str
    """The reason why the first version could not be read, as a clause."""


class RuleRecord(NamedTuple):
    """A rule, as last scanned."""

    role: str
    fingerprint: str
    weight: float
    since: date
    """The first day on which the fingerprint was in force."""
    counted: bool = True
    """Whether items of this rule must be fixed. See `Campaign.counted`."""


class CampaignRecord(NamedTuple):
    """A campaign, as recorded by scans."""

    first_scanned_on: date
    last_scanned_on: date
    starts: date
    """The burndown's first day."""
    exemptions: str
    """The fingerprint of the exemptions that the ledger was computed with."""


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    """A repository as last listed, with data recorded by scans."""

    listed: Repository
    first_commit_on: date | None
    """The day of the first commit on the default branch, or None before the first scan."""
    first_listed_on: date
    last_listed_on: date
    gone_on: date | None
    """The day from which the repository counts as gone, or None if it is not gone."""
    missing_days: int = 0
    """The number of days on which complete listings lacked the repository, or 0 if it is listed."""
    missing_on: date | None = None
    """The last day on which a complete listing lacked the repository, or None if it is listed."""
    gone_confirmed: bool = False
    """Whether the user has confirmed that the missing repository is gone."""


class MembershipSpan(NamedTuple):
    """A span of days on which a repository is in a campaign's scope."""

    first: date | None
    """The first day of the span (inclusive). None means from the beginning of the history."""
    last: date | None
    """The last day of the span (inclusive), or None if the span has not ended."""
    reason: str
    """The reason why the span ended, or an empty string."""


class LedgerTotal(NamedTuple):
    """The sum of all movements until a day (inclusive), for one rule and team in one repository."""

    repository: str
    rule: str
    team: str
    total: Movement
    last_fix: date | None
    """The day of the last fix, or None if there was no fix."""


class LedgerEntry(NamedTuple):
    """The movement on one day, for one rule and team in one repository."""

    repository: str
    rule: str
    team: str
    day: date
    movement: Movement


class Pace(NamedTuple):
    """One team's open items and last fix in a campaign, at the end of a day."""

    team: str
    open: int
    open_since: date | None
    """The last day on which the team's open count rose from 0, or None if it was always 0."""
    last_fix: date | None


class MarkRecord(NamedTuple):
    """An event that a chart marks."""

    campaign: str
    repository: str | None
    """The repository's key. None means the whole campaign."""
    day: date
    kind: str
    description: str
    before: str | None = None
    """The old value of the setting, or None if it had no value or the event changed no setting."""
    after: str | None = None
    """The new value of the setting, or None if it has no value or the event changed no setting."""


class ObservedState(NamedTuple):
    """The state of a repository, as observed by a scan."""

    day: date
    state: str
    reason: str | None
    """The reason why the state was unknown, or None if it was known."""


class SnapshotRow(NamedTuple):
    """The state of one repository in one campaign at the end of a day."""

    campaign: str
    repository: str
    """The repository's key."""
    day: date
    basis: str
    """`scan` if a scan observed the state on `day`, or `walk` if it was derived from history."""
    state: str
    open: int
    fixed: int
    exempt: int
    completion: float | None
    """The weighted share of fixed items, from 0 to 1, or None if there is nothing to fix."""
    reason: str | None
    """The reason why the state is unknown, or None if it is known."""
