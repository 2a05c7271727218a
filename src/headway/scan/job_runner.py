"""Run jobs in the worker pool, and attribute worker crashes to the rules that caused them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue

from headway.model.store_records import TrackKey
from headway.plugins import Scanners, load_scanners
from headway.progress.gaps import Unread
from headway.scan.job import Job, JobResult, failed
from headway.scan.matching import BoundRule
from headway.scan.walk import walk_repository
from headway.scanner import RepositoryScanner
from headway.workers.active_rule import error_text
from headway.workers.pool import Workers
from headway.workers.worker_errors import WorkerLostError

_MAX_CRASHES = 2
"""How often to run a job whose process crashes while no scanner is running."""
_MAX_SCANNER_CRASHES = 4
"""How often one scanner may crash in one repository before all of its rules fail. Each crash may
take as long as `scanner_seconds`, and the walk starts again after it.
"""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt to run a job without the rules that failed in earlier attempts."""

    job: Job
    failures: tuple[tuple[TrackKey, str], ...] = ()
    """The rules that were removed from the job, each with the reason."""
    crashes: int = 0
    """How often the process crashed while no scanner was running."""
    scanner_crashes: tuple[str, ...] = ()
    """The scanner of each crash with a known rule."""


Search = Callable[[Job, Sequence[BoundRule]], JobResult]
"""Finds the matches of a job's rules; the rules are those of the job's tracks, in that order."""


def execute(
    jobs: Sequence[Job],
    scanner_folders: tuple[Path, ...],
    workers: Workers,
    search: Search = walk_repository,
) -> Iterator[JobResult]:
    """Run jobs, largest repositories first, and yield each result when it is ready.

    With one worker or one job, the jobs run in this process, unless there are scanners that are not
    shipped and could crash it. If a scanner crashes its worker process or times out, the job runs
    again: first to find the rule and the file, and then without calling the scanner for them.
    """
    ordered = sorted(jobs, key=lambda job: (-_size(job.git_dir), job.name))
    if (workers.count <= 1 or len(ordered) <= 1) and _can_run_here(ordered, scanner_folders):
        for job in ordered:
            yield run_job(job, scanner_folders, search)
        return
    ready: SimpleQueue[Future[JobResult]] = SimpleQueue()
    attempts: dict[Future[JobResult], _Attempt] = {}

    def begin(attempt: _Attempt) -> None:
        future = workers.submit(run_job, attempt.job, scanner_folders, search)
        attempts[future] = attempt
        future.add_done_callback(ready.put)

    for job in ordered:
        begin(_Attempt(job))
    while attempts:
        future = ready.get()
        attempt = attempts.pop(future)
        try:
            result = future.result()
        except WorkerLostError as error:
            retry = _after_crash(attempt, error)
            if isinstance(retry, _Attempt):
                begin(retry)
                continue
            result = retry
        yield replace(result, failures=(*attempt.failures, *result.failures))


def run_job(
    job: Job, scanner_folders: tuple[Path, ...], search: Search = walk_repository
) -> JobResult:
    """Run one job. Worker processes call this function."""
    scanners = load(scanner_folders)
    bound = []
    for track in job.tracks:
        scanner = scanners.get(track.rule.scanner)
        if scanner is None:
            return failed(job, f"no scanner is named {track.rule.scanner}")
        bound.append(BoundRule(track.rule, scanner, scanner.Options(**track.rule.options)))
    try:
        return search(job, bound)
    except MemoryError as error:
        return failed(job, error_text(error))


def _after_crash(attempt: _Attempt, lost: WorkerLostError) -> _Attempt | JobResult:
    """Return the next attempt after a job's process crashed, or a result if the job failed."""
    job = attempt.job
    if lost.rule is None:
        if attempt.crashes + 1 < _MAX_CRASHES:
            return replace(attempt, crashes=attempt.crashes + 1)
        return failed(job, f"the repository could not be scanned: {lost}")
    if not job.one_by_one:
        return replace(attempt, job=replace(job, one_by_one=True))
    track = job.tracks[lost.rule]
    scanner = track.rule.scanner
    reason = f"scanner {scanner}: {lost}"
    attempt = replace(attempt, scanner_crashes=(*attempt.scanner_crashes, scanner))
    if attempt.scanner_crashes.count(scanner) >= _MAX_SCANNER_CRASHES:
        failed_keys = {other.key for other in job.tracks if other.rule.scanner == scanner}
        return _without(attempt, failed_keys, reason)
    if lost.content is None:
        return _without(attempt, {track.key}, reason)
    unread = Unread("crashed", reason, lost.content, job.limits.of_scanners)
    return replace(attempt, job=replace(job, crashed=(*job.crashed, (track.key, unread))))


def _without(attempt: _Attempt, failed_keys: set[TrackKey], reason: str) -> _Attempt | JobResult:
    """Return the attempt without some of its rules, or a result if no rule remains."""
    job = attempt.job
    failures = tuple((track.key, reason) for track in job.tracks if track.key in failed_keys)
    others = tuple(track for track in job.tracks if track.key not in failed_keys)
    if not others:
        return JobResult(job.repository, failures=failures)
    return replace(
        attempt, job=replace(job, tracks=others), failures=(*attempt.failures, *failures)
    )


def _can_run_here(jobs: Iterable[Job], folders: tuple[Path, ...]) -> bool:
    """Return whether all scanners are shipped and none needs its own process."""
    loaded = load(folders)
    used = {track.rule.scanner for job in jobs for track in job.tracks} & loaded.by_name.keys()
    return all(
        Path(loaded.origins[name]).parent == folders[-1]
        and not isinstance(loaded.by_name[name], RepositoryScanner)
        for name in used
    )


@lru_cache(maxsize=8)
def load(folders: tuple[Path, ...]) -> Scanners:
    """Load the scanners of these folders once per process. Forked workers inherit them."""
    return load_scanners(folders)


def _size(git_dir: Path) -> int:
    """Return the size of the packed objects in bytes, which indicates how long a walk takes."""
    objects = git_dir / "objects"
    alternates = objects / "info" / "alternates"
    total = 0
    try:
        folders = [objects, *map(Path, os.fsdecode(alternates.read_bytes()).splitlines())]
    except OSError:
        folders = [objects]
    for folder in folders:
        try:
            with os.scandir(folder / "pack") as entries:
                total += sum(entry.stat().st_size for entry in entries)
        except OSError:
            continue
    return total
