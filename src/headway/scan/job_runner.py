"""Run jobs in the worker pool, and attribute worker crashes to the rules that caused them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from headway.model.store_records import TrackKey
from headway.plugins import ScannerFiles, Scanners, load_scanners
from headway.progress.gaps import Unread
from headway.scan.bound_rule import BoundRule
from headway.scan.isolation import MAX_CRASHES
from headway.scan.job import Job, JobResult, Track, failed
from headway.scan.walk import walk_repository
from headway.scanner import Options, RepositoryScanner, Scanner
from headway.workers.active_rule import ActiveRule, error_text
from headway.workers.pool import Workers
from headway.workers.process_slots import ProcessSlots
from headway.workers.process_state import ProcessState
from headway.workers.worker_errors import ProcessChangedError, WorkerLostError

_LARGE_BYTES = 20_000_000
"""A repository with at least this number of bytes is walked in a worker, so that other processes
can help.
"""
_MAX_CRASHES = 2
"""A job fails after this number of crashes while no scanner was running."""


class OptionsRefusedError(Exception):
    """A scanner rejects the options of a rule, although the campaign file was valid."""

    def __init__(self, rule: int, reason: str) -> None:
        self.rule = rule
        self.reason = reason
        super().__init__(rule, reason)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt to run a job without the rules that failed in earlier attempts."""

    job: Job
    failures: tuple[tuple[TrackKey, str], ...] = ()
    """The rules that were removed from the job, each with the reason."""
    crashes: int = 0
    """The number of crashes of the process while no scanner was running."""
    scanner_crashes: tuple[str, ...] = ()
    """The scanners that caused crashes, one entry for each crash with a known rule."""


Search = Callable[[Job, Sequence[BoundRule]], JobResult]
"""Finds the matches of a job's rules. The rules are those of the job's tracks, in the same order.
"""


def execute(
    jobs: Sequence[Job],
    files: ScannerFiles,
    workers: Workers,
    search: Search = walk_repository,
) -> Iterator[JobResult]:
    """Run jobs, largest repositories first, and yield each result as soon as it is ready.

    With one worker, or one job that is not large, the jobs run in this process if all scanners are
    shipped and start no programs. Other scanners could crash the process. If a scanner crashes its
    worker process or times out, the job runs again, first to find the rule and file, and then
    without calling the scanner for them. If a scanner may have changed its process, the job runs
    again with the scanner isolated.
    """
    ordered = sorted(jobs, key=lambda job: (-packed_size(job.git_dir), job.name))
    few = not workers.all_apart and _is_small(ordered, workers)
    if few and _can_run_here(ordered, files):
        for job in ordered:
            yield run_job(job, files, search)
        return
    ordered = [_with_slots(job, workers) for job in ordered]
    ready: SimpleQueue[Future[JobResult]] = SimpleQueue()
    attempts: dict[Future[JobResult], _Attempt] = {}

    def begin(attempt: _Attempt) -> None:
        future = workers.submit(run_job, attempt.job, files, search)
        attempts[future] = attempt
        future.add_done_callback(ready.put)

    for job in ordered:
        begin(_Attempt(job))
    while attempts:
        future = ready.get()
        attempt = attempts.pop(future)
        try:
            result = future.result()
        except (WorkerLostError, OptionsRefusedError) as error:
            retry = _after_crash(attempt, error)
            if isinstance(retry, _Attempt):
                begin(retry)
                continue
            result = retry
        yield replace(result, failures=(*attempt.failures, *result.failures))


def _is_small(jobs: Sequence[Job], workers: Workers) -> bool:
    """Return whether several processes would not save time."""
    if workers.count <= 1 or not jobs:
        return True
    return len(jobs) == 1 and (
        jobs[0].match_cache is None or packed_size(jobs[0].git_dir) < _LARGE_BYTES
    )


def _with_slots(job: Job, workers: Workers) -> Job:
    """Add slots for helper processes if the scan has several workers and a match cache."""
    if workers.count <= 1 or job.match_cache is None:
        return job
    return replace(job, slots=ProcessSlots(job.match_cache.folder, workers.count))


def run_job(job: Job, files: ScannerFiles, search: Search = walk_repository) -> JobResult:
    """Run one job. Worker processes call this function.

    Raises:
        ProcessChangedError: A scanner that is not shipped may have changed this process.
    """
    with job.slots.held() if job.slots is not None else nullcontext():
        return _run_job(job, files, search)


def _run_job(job: Job, files: ScannerFiles, search: Search) -> JobResult:
    scanners = load(files)
    unknown = {track.rule.scanner for track in job.tracks} - scanners.by_name.keys()
    if unknown:
        return failed(job, f"no scanner is named {min(unknown)}")
    if job.isolated or not any(track.rule.scanner in scanners.foreign for track in job.tracks):
        return _search(job, scanners, search)
    before = _state_before_scanners()
    try:
        result = _search(job, scanners, search)
    except Exception as error:
        raise ProcessChangedError(f"{type(error).__name__} after running scanners") from error
    changed = before.first_change()
    if changed is not None:
        raise ProcessChangedError(f"a scanner changed {changed}")
    return result


def _search(job: Job, scanners: Scanners, search: Search) -> JobResult:
    bound = []
    for index, track in enumerate(job.tracks):
        name = track.rule.scanner
        options = _options(index, track, scanners.by_name[name])
        bound.append(
            BoundRule(track.rule, scanners.by_name[name], options, name in scanners.foreign)
        )
    try:
        return search(job, bound)
    except MemoryError as error:
        return failed(job, error_text(error))


def _options(index: int, track: Track, scanner: Scanner[Any]) -> Options:
    with ActiveRule(index):
        try:
            options: Options = scanner.Options(**track.rule.options)
        except Exception as error:
            raise OptionsRefusedError(index, error_text(error)) from error
    return options


@cache
def _state_before_scanners() -> ProcessState:
    """Return the state of this process before it ran the first scanner that is not shipped."""
    return ProcessState.now()


def _after_crash(
    attempt: _Attempt, lost: WorkerLostError | OptionsRefusedError
) -> _Attempt | JobResult:
    """Return the next attempt after a job's process crashed, or its result if the job failed."""
    job = attempt.job
    if isinstance(lost, OptionsRefusedError):
        track = job.tracks[lost.rule]
        reason = f"scanner {track.rule.scanner} refuses the options of the rule: {lost.reason}"
        return _without(attempt, {track.key}, reason)
    if lost.rule is None:
        if attempt.crashes + 1 < _MAX_CRASHES:
            isolated = replace(job, isolated=True)
            return replace(attempt, job=isolated, crashes=attempt.crashes + 1)
        return failed(job, f"the repository could not be scanned: {lost}")
    if not job.one_by_one:
        return replace(attempt, job=replace(job, one_by_one=True))
    track = job.tracks[lost.rule]
    scanner = track.rule.scanner
    reason = f"scanner {scanner}: {lost}"
    attempt = replace(attempt, scanner_crashes=(*attempt.scanner_crashes, scanner))
    if attempt.scanner_crashes.count(scanner) >= MAX_CRASHES:
        failed_keys = {other.key for other in job.tracks if other.rule.scanner == scanner}
        return _without(attempt, failed_keys, reason)
    if lost.content is None:
        return _without(attempt, {track.key}, reason)
    unread = Unread("crashed", reason, lost.content, job.limits.of_scanners)
    return replace(attempt, job=replace(job, crashed=(*job.crashed, (track.key, unread))))


def _without(attempt: _Attempt, failed_keys: set[TrackKey], reason: str) -> _Attempt | JobResult:
    """Return the attempt without some of its rules, or a result if no rules remain."""
    job = attempt.job
    failures = tuple((track.key, reason) for track in job.tracks if track.key in failed_keys)
    others = tuple(track for track in job.tracks if track.key not in failed_keys)
    if not others:
        return JobResult(job.repository, failures=failures)
    return replace(
        attempt, job=replace(job, tracks=others), failures=(*attempt.failures, *failures)
    )


def _can_run_here(jobs: Iterable[Job], files: ScannerFiles) -> bool:
    """Return whether all scanners of the jobs are shipped and none starts programs."""
    loaded = load(files)
    used = {track.rule.scanner for job in jobs for track in job.tracks} & loaded.by_name.keys()
    return all(
        name not in loaded.foreign
        and not isinstance(loaded.by_name[name], RepositoryScanner)
        and not loaded.by_name[name].starts_programs
        for name in used
    )


@lru_cache(maxsize=8)
def load(files: ScannerFiles) -> Scanners:
    """Load scanners once per process. Forked workers inherit them."""
    return load_scanners(files.folders, skip=files.not_imported)


def packed_size(git_dir: Path) -> int:
    """Return the size of the packed objects in bytes, as an estimate of the time for a walk."""
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
