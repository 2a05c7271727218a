"""Walk rules separately if a walk of all rules together encounters a damaged object.

A walk reads the history from the earliest start of all its rules. A damaged object must not affect
rules that start later or do not read it. If the object is old, rules that read it are walked from
the first commit after it, as in a shallow clone.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from headway.git.mirrors import history_cut_at
from headway.git.process import GitError
from headway.git.readable_history import readable_since
from headway.scan.bound_rule import BoundRule
from headway.scan.job import Job, JobResult, Track
from headway.scanner import ContentScanner

Walk = Callable[[Job, Sequence[BoundRule]], JobResult]
_T = TypeVar("_T")


def walk_apart_if_damaged(job: Job, rules: Sequence[BoundRule], walk: Walk) -> JobResult:
    """Walk all rules together. If this fails, walk groups of rules that read the same objects.

    If a group also fails, it is walked from the oldest commit from which git can read the history.

    Args:
        job: The repository and its tracks.
        rules: The rules of `job.tracks`, in the same order.
        walk: Walks the rules of a job.
    """
    groups = _groups(job, rules)
    # A walk changes the openings of its tracks in place, even if it fails.
    again = len(groups) > 1 or any(_cut_of(track) for track in job.tracks)
    saved = pickle.dumps([(track.openings, track.gaps) for track in job.tracks if again])
    together = walk(job, rules)
    if not together.damaged:
        return together

    def part(indices: Sequence[int]) -> Job:
        before = pickle.loads(saved) if again else [((), ())] * len(rules)  # noqa: S301 - ours
        tracks = (
            replace(job.tracks[index], openings=before[index][0], gaps=before[index][1])
            for index in indices
        )
        return replace(job, tracks=tuple(tracks))

    results = []
    for indices in groups:
        bound = [rules[index] for index in indices]
        result = walk(part(indices), bound) if len(groups) > 1 else together
        if result.damaged:
            result = _walk_what_is_readable(part(indices), bound, walk, result)
        results.append(result)
    return _combined(job, results) if len(results) > 1 else results[0]


def _walk_what_is_readable(
    job: Job, rules: Sequence[BoundRule], walk: Walk, damaged: JobResult
) -> JobResult:
    """Walk rules from the oldest commit from which the history is readable.

    Returns:
        The result of the walk. `damaged` is returned if the whole history might still be fetched,
            if this walk also fails, or if an earlier walk began at another commit.
    """
    if job.can_fetch:
        return damaged
    try:
        cut = readable_since(job.git_dir, job.tip)
        if cut is None or any(_begins_elsewhere(track, cut) for track in job.tracks):
            return damaged
        with history_cut_at(job.git_dir, cut):
            result = walk(job, rules)
    except (GitError, OSError):
        return damaged
    reason = next((reason for _, reason in damaged.failures), "")
    return damaged if result.damaged else replace(result, unreadable=(cut, reason))


def _begins_elsewhere(track: Track, cut: str) -> bool:
    return track.cursor is not None and track.cursor.cut != cut


def _cut_of(track: Track) -> str | None:
    return track.cursor.cut if track.cursor is not None else None


def _groups(job: Job, rules: Sequence[BoundRule]) -> list[list[int]]:
    """Return the indices of tracks that read the same objects, earliest start first."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for index, (track, bound) in enumerate(zip(job.tracks, rules, strict=True)):
        kind = "" if isinstance(bound.scanner, ContentScanner) else bound.rule.scanner
        groups[(*_start(track), kind)].append(index)
    return sorted(groups.values(), key=lambda group: _start(job.tracks[group[0]]))


def _start(track: Track) -> tuple[bool, date, str]:
    return (
        track.cursor is not None,
        track.baseline,
        track.cursor.commit if track.cursor is not None else "",
    )


def _combined(job: Job, results: Sequence[JobResult]) -> JobResult:
    """Return one result for all groups. The owners are those of the longest successful walk."""
    done = [result for result in results if not result.damaged]
    return JobResult(
        job.repository,
        walked=tuple(walked for result in results for walked in result.walked),
        failures=tuple(failure for result in results for failure in result.failures),
        rewritten=_first([result.rewritten for result in done]),
        first_commit_on=_first([result.first_commit_on for result in done]),
        damaged=True,
        unreadable=_first([result.unreadable for result in results]),
        missing=tuple(blob for result in results for blob in result.missing),
        owner_files=_first([result.owner_files for result in done]),
        tip=_first([result.tip for result in done]),
        commits=max((result.commits for result in done), default=0),
        blobs=max((result.blobs for result in done), default=0),
    )


def _first(values: Sequence[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)
