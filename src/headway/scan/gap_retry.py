"""Decide which gaps of earlier walks can be closed because their versions are now readable."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from headway.git.missing_blobs import absent
from headway.git.objects import UnreadableObjectError, UnreadError, read_each_text
from headway.model.limits import Limits
from headway.progress.gaps import Gap, Unread
from headway.scan.job import Job


def may_succeed(unread: Unread, limits: Limits) -> bool:
    """Return whether another attempt to read a version can succeed with the same scanner."""
    if unread.kind == "unreadable":
        return True
    if unread.kind == "too large":
        return int(unread.limit) <= limits.max_text_bytes
    return unread.kind == "crashed" and unread.limit != limits.of_scanners


def missing_in_gaps(job: Job) -> tuple[str, ...]:
    """Return the IDs of the blobs that earlier walks could not read and that git lacks.

    Raises:
        GitError: git failed.
    """
    return tuple(absent(job.git_dir, _unreadable(job)))


def without_closable_gaps(job: Job) -> Job:
    """Return the job after resetting all rules with closable gaps to the baseline."""
    gapped = [track for track in job.tracks if track.gaps]
    if not gapped:
        return job
    readable = _readable(job)

    def can_be_closed(gap: Gap) -> bool:
        unread = gap.unread
        if unread.kind == "unreadable":
            return unread.blob in readable
        return may_succeed(unread, job.limits)

    return replace(
        job,
        tracks=tuple(
            replace(track, cursor=None, openings=(), gaps=())
            if any(map(can_be_closed, track.gaps))
            else track
            for track in job.tracks
        ),
    )


def _readable(job: Job) -> Collection[str]:
    """Return the IDs of the blobs that earlier walks could not read but that are now readable."""
    blobs = _unreadable(job)
    try:
        return {
            blob
            for blob, text in read_each_text(
                job.git_dir, blobs, max_bytes=job.limits.max_text_bytes
            )
            if not isinstance(text, UnreadableObjectError)
        }
    except UnreadError:
        # Too many objects are damaged, so walking again would not help.
        return ()


def _unreadable(job: Job) -> list[str]:
    gaps: Iterable[Gap] = (gap for track in job.tracks for gap in track.gaps)
    return sorted({gap.unread.blob for gap in gaps if gap.unread.kind == "unreadable"})
