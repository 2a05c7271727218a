"""What one worker is given and what it gives back: one repository, some rules, their cursors."""

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
    """One rule to follow in one repository.

    fingerprint: that of the rule now. baseline: the day at whose start a fresh walk begins.
    cursor: where to continue, or None to walk afresh. openings: all that are known, when there is
    a cursor.
    """

    key: TrackKey
    rule: Rule
    fingerprint: str
    baseline: date
    cursor: Cursor | None = None
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One repository. tip: the commit to walk to. today: the day of the scan. owner_cursor: how
    far its owner files were followed.
    """

    repository: str
    name: str
    git_dir: Path
    tip: str
    tracks: tuple[Track, ...]
    today: date
    limits: Limits = DEFAULT_LIMITS
    owner_cursor: OwnerCursor | None = None


@dataclass(frozen=True, slots=True)
class OwnerFiles:
    """versions: those that are new. afresh: they are all there are."""

    versions: tuple[OwnerVersion, ...]
    afresh: bool
    cursor: OwnerCursor


@dataclass(frozen=True, slots=True)
class Walked:
    """One rule followed to the tip.

    openings: those that are new or changed. afresh: they are all there are; what was known before
    is to be forgotten. cursor: where the next walk continues.
    """

    key: TrackKey
    openings: tuple[Opening, ...]
    afresh: bool
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class JobResult:
    """failures: tracks that could not be followed to the end, and why; they stay as they were.

    rewritten: (old tip, new tip) when the branch no longer contains what was walked before.
    first_commit_on: UTC day on which the chain begins; None when this walk did not reach it.
    damaged: git could not read the mirror. missing: contents that the mirror lacks and that the
    walk has to read; when there are any, nothing else is said.
    """

    repository: str
    walked: tuple[Walked, ...] = ()
    failures: tuple[tuple[TrackKey, str], ...] = ()
    rewritten: tuple[str, str] | None = None
    first_commit_on: date | None = None
    damaged: bool = False
    missing: tuple[str, ...] = ()
    owner_files: OwnerFiles | None = None
    commits: int = 0
    blobs: int = 0


def failed(job: Job, reason: str, *, damaged: bool = False) -> JobResult:
    """Nothing of this job is known."""
    failures = tuple((track.key, reason) for track in job.tracks)
    return JobResult(job.repository, failures=failures, damaged=damaged)
