"""The input and the output of a worker that walks one repository."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from headway.git.mirrors import borrows_from_partial
from headway.model.campaign import Rule
from headway.model.limits import DEFAULT_LIMITS, Limits
from headway.model.store_records import Cursor, OwnerCursor, OwnerVersion, TrackKey
from headway.progress.gaps import Gap, Unread
from headway.progress.opening import Opening
from headway.store.match_cache import MatchCache
from headway.workers.process_slots import ProcessSlots


@dataclass(frozen=True, slots=True)
class Track:
    """A rule whose matches a walk tracks through the history of one repository."""

    key: TrackKey
    rule: Rule
    fingerprint: str
    baseline: date
    """The first day on which matches are tracked.

    Without a cursor, a walk begins with the commit that was the tip at the start of this day.
    """
    cursor: Cursor | None = None
    """The commit at which the previous walk ended. None means that the walk starts at the baseline.
    """
    openings: tuple[Opening, ...] = ()
    """All openings that earlier walks recorded. Empty without a cursor."""
    gaps: tuple[Gap, ...] = ()
    """All gaps that earlier walks recorded. Empty without a cursor."""
    has_conditions: bool = False
    """Whether the campaign's items depend on conditions. See `Campaign.has_conditions`."""


@dataclass(frozen=True, slots=True)
class Job:
    """A task for one worker: walk the history of one repository."""

    repository: str
    """The key of the repository."""
    name: str
    git_dir: Path
    tip: str
    """The branch's last commit."""
    tracks: tuple[Track, ...]
    today: date
    """The date that the scan uses as today. The walk ignores commits that landed later."""
    latest: date | None = None
    """The latest plausible day of a committer time, or None if any day is plausible."""
    limits: Limits = DEFAULT_LIMITS
    binary_files: frozenset[str] = frozenset()
    """The paths of the binary files that earlier walks found at the commit of `owner_cursor`."""
    owner_cursor: OwnerCursor | None = None
    """The commit up to which owner files were read. None means that they are read from the
    baseline.
    """
    can_fetch: bool = False
    """Whether missing blobs can still be fetched, so that no gaps need to be recorded."""
    why_lacking: str = ""
    """The reason why missing blobs cannot be fetched, or an empty string if it is unknown."""
    crashed: tuple[tuple[TrackKey, Unread], ...] = ()
    """The contents that crash a scanner, each with the track that must skip it."""
    one_by_one: bool = False
    """Whether scanners are called for one rule and file at a time, to identify the call that
    crashes.
    """
    isolated: bool = False
    """Whether each call to a scanner that is not shipped runs in a separate process."""
    workspace: Path = Path()
    """The folder of headway.toml."""
    match_cache: MatchCache | None = None
    """The matches that rules found in earlier walks. None means that all blobs are searched."""
    slots: ProcessSlots | None = None
    """Limits the number of processes that work at once. None means that the walk has no helpers."""


@dataclass(frozen=True, slots=True)
class OwnerFiles:
    """The versions of a repository's owner files that a walk found."""

    versions: tuple[OwnerVersion, ...]
    """The versions after the owner cursor, or all versions if `afresh` is true."""
    afresh: bool
    """Whether `versions` replaces all versions that earlier walks recorded."""
    cursor: OwnerCursor
    unread: tuple[str, ...] = ()
    """The paths with at least one unreadable version."""


@dataclass(frozen=True, slots=True)
class Walked:
    """The result of tracking the matches of one rule up to the tip."""

    key: TrackKey
    openings: tuple[Opening, ...]
    """The new and changed openings."""
    afresh: bool
    """Whether `openings` replaces all openings that earlier walks recorded."""
    cursor: Cursor
    """The commit from which the next walk continues."""
    gaps: tuple[Gap, ...] | None = None
    """All gaps of the rule, or None if the recorded gaps are unchanged."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """The result of walking one repository."""

    repository: str
    """The key of the repository."""
    walked: tuple[Walked, ...] = ()
    failures: tuple[tuple[TrackKey, str], ...] = ()
    """The rules whose matches could not be tracked up to the latest commit, each with the reason.
    Their openings in the store stay unchanged.
    """
    rewritten: tuple[str, str] | None = None
    """(Old tip, new tip) if the branch no longer contains the commit of a cursor."""
    first_commit_on: date | None = None
    """The UTC day of the first commit, or None if this walk did not reach it."""
    damaged: bool = False
    """Whether git could not read the mirror."""
    unreadable: tuple[str, str] | None = None
    """(Commit, reason) if a walk began with this commit because git cannot read the earlier
    history.
    """
    missing: tuple[str, ...] = ()
    """The IDs of blobs that the walk needs and the mirror lacks. If this is not empty, the other
    fields are empty.
    """
    owner_files: OwnerFiles | None = None
    tip: str | None = None
    """The last commit that the walk processed, or None if the walk failed."""
    commits: int = 0
    blobs: int = 0


def failed(job: Job, reason: str, *, damaged: bool = False) -> JobResult:
    """Return the result of a job in which all rules failed for the same reason."""
    failures = tuple((track.key, reason) for track in job.tracks)
    return JobResult(job.repository, failures=failures, damaged=damaged)


def why_lacking(job: Job, reason: str) -> str:
    """Explain why an object cannot be read and, if known, why the repository lacks it."""
    if job.why_lacking:
        return f"{job.why_lacking} ({reason})"
    if borrows_from_partial(job.git_dir):
        return f"the clone is partial ({reason}); clone the repository again without --filter"
    return reason


def crashed_rules(job: Job) -> dict[str, dict[int, Unread]]:
    """Map each blob ID to the rules whose scanners crash on the blob, with the reasons.

    The result includes the blobs on which scanners crashed in earlier walks.
    """
    index_of = {track.key: index for index, track in enumerate(job.tracks)}
    crashed: dict[str, dict[int, Unread]] = defaultdict(dict)
    for index, track in enumerate(job.tracks):
        for gap in track.gaps:
            if gap.unread.kind == "crashed" and gap.unread.blob and gap.closed_at is None:
                crashed[gap.unread.blob][index] = gap.unread
    for key, unread in job.crashed:
        if key in index_of:
            crashed[unread.blob][index_of[key]] = unread
    return crashed
