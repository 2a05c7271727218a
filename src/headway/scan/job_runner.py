"""Runs jobs in the worker pool and attributes a worker crash to the rule that caused it."""

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
"""How often a job is tried if its process crashes while no scanner runs."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One run of a job, perhaps without some of its rules."""

    job: Job
    failures: tuple[tuple[TrackKey, str], ...] = ()
    """The rules that were removed from the job, and why."""
    crashes: int = 0
    """How often the process has crashed while no scanner was running."""


def execute(
    jobs: Sequence[Job], scanner_folders: tuple[Path, ...], workers: Workers
) -> Iterator[JobResult]:
    """Runs jobs, large repositories first, and yields each result as soon as it is ready.

    With one worker or one job, everything runs in this process unless a scanner is not a shipped
    one, because such a scanner could crash the process. If a scanner crashes its process or exceeds
    its time limit, its rules fail in that repository and the job runs again without them.
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
    """Runs one job; called in a worker process."""
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
    """The next attempt after the process of a job crashed, or the result if there is none.

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
    """Whether all scanners are shipped ones, and none needs a process of its own."""
    loaded = load(folders)
    used = {track.rule.scanner for job in jobs for track in job.tracks} & loaded.by_name.keys()
    return all(
        Path(loaded.origins[name]).parent == folders[-1]
        and not isinstance(loaded.by_name[name], RepositoryScanner)
        for name in used
    )


@lru_cache(maxsize=8)
def load(folders: tuple[Path, ...]) -> Scanners:
    """Loads the scanners of these folders, once per process; forked workers inherit them."""
    return load_scanners(folders)


def _size(git_dir: Path) -> int:
    """Bytes of packed objects: an estimate of how long a repository takes."""
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
