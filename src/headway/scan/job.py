"""The input and the output of a worker: one repository, its rules, and their cursors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from headway.model.campaign import Rule
from headway.model.limits import DEFAULT_LIMITS, Limits
from headway.model.store_records import Cursor, OwnerCursor, OwnerVersion, TrackKey
from headway.progress.tracker import Opening


@dataclass(frozen=True, slots=True)
class Track:
    """One rule to follow in one repository."""

    key: TrackKey
    rule: Rule
    fingerprint: str
    baseline: date
    """A walk without a cursor begins at the start of this day."""
    cursor: Cursor | None = None
    """Where the previous walk ended; None to walk from the baseline."""
    openings: tuple[Opening, ...] = ()
    """All openings that earlier walks recorded; empty without a cursor."""


@dataclass(frozen=True, slots=True)
class Job:
    """One repository to walk."""

    repository: str
    """The key of the repository."""
    name: str
    git_dir: Path
    tip: str
    """The commit to walk to."""
    tracks: tuple[Track, ...]
    today: date
    """The day of the scan. The walk ends at the last commit that had landed by its end."""
    latest: date | None = None
    """The last day that a committer's clock can truthfully have shown; None if any day can be."""
    limits: Limits = DEFAULT_LIMITS
    owner_cursor: OwnerCursor | None = None
    """How far the owner files have been followed; None to follow them from the baseline."""


@dataclass(frozen=True, slots=True)
class OwnerFiles:
    """What a walk found in the owner files of a repository."""

    versions: tuple[OwnerVersion, ...]
    """The versions since the owner cursor."""
    afresh: bool
    """Whether `versions` replaces all versions that earlier walks recorded."""
    cursor: OwnerCursor


@dataclass(frozen=True, slots=True)
class Walked:
    """One rule that was followed to the tip."""

    key: TrackKey
    openings: tuple[Opening, ...]
    """The openings that are new or changed."""
    afresh: bool
    """Whether `openings` replaces all openings that earlier walks recorded."""
    cursor: Cursor
    """Where the next walk continues."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a walk found in one repository."""

    repository: str
    """The key of the repository."""
    walked: tuple[Walked, ...] = ()
    failures: tuple[tuple[TrackKey, str], ...] = ()
    """Tracks that were not followed to the tip, and why. Their stored openings stay unchanged."""
    rewritten: tuple[str, str] | None = None
    """(old tip, new tip) if the branch no longer contains the commit of a cursor."""
    first_commit_on: date | None = None
    """UTC day of the first commit; None if this walk did not reach it."""
    damaged: bool = False
    """Whether git could not read the mirror."""
    missing: tuple[str, ...] = ()
    """IDs of blobs that the walk needs and the mirror lacks. If there are any, the other fields
    are empty."""
    owner_files: OwnerFiles | None = None
    tip: str | None = None
    """The last commit that was followed."""
    commits: int = 0
    blobs: int = 0


def failed(job: Job, reason: str, *, damaged: bool = False) -> JobResult:
    """The result of a job whose tracks all failed for one reason."""
    failures = tuple((track.key, reason) for track in job.tracks)
    return JobResult(job.repository, failures=failures, damaged=damaged)
