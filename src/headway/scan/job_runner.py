"""Run jobs in the worker pool, and attribute worker crashes to the rules that caused them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue

from headway.model.store_records import TrackKey
from headway.plugins import Scanners, load_scanners
from headway.scan.job import Job, JobResult, failed
from headway.scan.matching import BoundRule
from headway.scan.walk import walk_repository
from headway.scanner import RepositoryScanner
from headway.workers.active_rule import error_text
from headway.workers.pool import Workers
from headway.workers.worker_errors import WorkerLostError

_MAX_CRASHES = 2
"""Maximum number of attempts to run a job whose process crashes while no scanner is running."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt to run a job, without the rules that failed in earlier attempts."""

    job: Job
    failures: tuple[tuple[TrackKey, str], ...] = ()
    """The rules that were removed from the job, each with the reason."""
    crashes: int = 0
    """The number of times that the process crashed while no scanner was running."""


def execute(
    jobs: Sequence[Job], scanner_folders: tuple[Path, ...], workers: Workers
) -> Iterator[JobResult]:
    """Run jobs, the largest repositories first, and yield each result as soon as it is ready.

    With one worker or one job, the jobs run in this process if all scanners are shipped ones; other
    scanners could crash the process. If a scanner crashes its worker process or times out, the
    rules of that scanner fail in that repository, and the job runs again without these rules.
    """
    ordered = sorted(jobs, key=lambda job: (-_size(job.git_dir), job.name))
    if (workers.count <= 1 or len(ordered) <= 1) and _can_run_here(ordered, scanner_folders):
        for job in ordered:
            yield run_job(job, scanner_folders)
        return
    ready: SimpleQueue[Future[JobResult]] = SimpleQueue()
    attempts: dict[Future[JobResult], _Attempt] = {}

    def begin(attempt: _Attempt) -> None:
        future = workers.submit(run_job, attempt.job, scanner_folders)
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


def run_job(job: Job, scanner_folders: tuple[Path, ...]) -> JobResult:
    """Run one job; worker processes call this function."""
    scanners = load(scanner_folders)
    bound = []
    for track in job.tracks:
        scanner = scanners.get(track.rule.scanner)
        if scanner is None:
            return failed(job, f"no scanner is named {track.rule.scanner}")
        bound.append(BoundRule(track.rule, scanner, scanner.Options(**track.rule.options)))
    try:
        return walk_repository(job, bound)
    except MemoryError as error:
        return failed(job, error_text(error))


def _after_crash(attempt: _Attempt, lost: WorkerLostError) -> _Attempt | JobResult:
    """Return the next attempt after a job's process crashed, or the result if the job has failed.

    The rules of one scanner are matched together, so all of them are removed from the job.
    """
    job = attempt.job
    if lost.rule is None:
        if attempt.crashes + 1 < _MAX_CRASHES:
            return replace(attempt, crashes=attempt.crashes + 1)
        return failed(job, f"it could not be scanned: {lost}")
    scanner = job.tracks[lost.rule].rule.scanner
    reason = f"scanner {scanner}: {lost}"
    failed_tracks = tuple(
        (track.key, reason) for track in job.tracks if track.rule.scanner == scanner
    )
    others = tuple(track for track in job.tracks if track.rule.scanner != scanner)
    if not others:
        return JobResult(job.repository, failures=failed_tracks)
    return replace(
        attempt, job=replace(job, tracks=others), failures=(*attempt.failures, *failed_tracks)
    )


def _can_run_here(jobs: Iterable[Job], folders: tuple[Path, ...]) -> bool:
    """Return whether all scanners are shipped ones and none needs a process of its own."""
    loaded = load(folders)
    used = {track.rule.scanner for job in jobs for track in job.tracks} & loaded.by_name.keys()
    return all(
        Path(loaded.origins[name]).parent == folders[-1]
        and not isinstance(loaded.by_name[name], RepositoryScanner)
        for name in used
    )


@lru_cache(maxsize=8)
def load(folders: tuple[Path, ...]) -> Scanners:
    """Load the scanners of these folders once per process; forked workers inherit them."""
    return load_scanners(folders)


def _size(git_dir: Path) -> int:
    """Return the size of the packed objects in bytes, to estimate how long a walk takes."""
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
