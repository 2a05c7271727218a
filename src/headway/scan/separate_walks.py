"""Walk rules apart from each other if a walk of all rules together meets a damaged object.

A walk reads the history from the earliest start of all its rules. A damaged object must not affect
rules that start later, or that do not read it.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from headway.scan.bound_rule import BoundRule
from headway.scan.job import Job, JobResult, Track
from headway.scanner import ContentScanner

Walk = Callable[[Job, Sequence[BoundRule]], JobResult]
_T = TypeVar("_T")


def walk_apart_if_damaged(job: Job, rules: Sequence[BoundRule], walk: Walk) -> JobResult:
    """Walk all rules together; if this fails, walk each group of rules that read the same objects.

    Args:
        job: The repository and its tracks.
        rules: The rules of `job.tracks`, in the same order.
        walk: Walks the rules of a job.
    """
    groups = _groups(job, rules)
    if len(groups) < 2:
        return walk(job, rules)
    # A walk changes the openings of its tracks in place, even if it fails.
    saved = pickle.dumps([(track.openings, track.gaps) for track in job.tracks])
    together = walk(job, rules)
    if not together.damaged:
        return together
    results = []
    for indices in groups:
        before = pickle.loads(saved)  # noqa: S301 - our own bytes
        tracks = tuple(
            replace(job.tracks[index], openings=before[index][0], gaps=before[index][1])
            for index in indices
        )
        results.append(walk(replace(job, tracks=tracks), [rules[index] for index in indices]))
    return _combined(job, results)


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
    """Return one result for all groups. The owners are those of the longest walk."""
    done = [result for result in results if not result.damaged]
    return JobResult(
        job.repository,
        walked=tuple(walked for result in results for walked in result.walked),
        failures=tuple(failure for result in results for failure in result.failures),
        rewritten=_first([result.rewritten for result in done]),
        first_commit_on=_first([result.first_commit_on for result in done]),
        damaged=True,
        missing=tuple(blob for result in results for blob in result.missing),
        owner_files=_first([result.owner_files for result in done]),
        tip=_first([result.tip for result in done]),
        commits=max((result.commits for result in done), default=0),
        blobs=max((result.blobs for result in done), default=0),
    )


def _first(values: Sequence[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)
