"""Has all jobs carried out, and makes of what befalls a process a failure of the rule to blame."""

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
from headway.workers import active_rule as asking
from headway.workers.pool import WorkerLostError, Workers

_MOST_DEATHS = 2
"""Of the process that reads one repository, when no scanner is to blame."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """failures: of rules taken out of the job. deaths: those that no scanner is to blame for."""

    job: Job
    failures: tuple[tuple[TrackKey, str], ...] = ()
    deaths: int = 0


def execute(
    jobs: Sequence[Job], scanner_folders: tuple[Path, ...], workers: Workers
) -> Iterator[JobResult]:
    """The results of all jobs, in the order in which they are ready; large repositories go first.

    With one worker or one job everything runs in this process, except where a scanner is not a
    shipped one: that must not end us. A rule whose scanner ends its process, or does not answer,
    has failed in that repository; the rest of the job is done again without it.
    """
    ordered = sorted(jobs, key=lambda job: (-_size(job.git_dir), job.name))
    if (workers.count <= 1 or len(ordered) <= 1) and _harmless(ordered, scanner_folders):
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
            following = _without_culprit(attempt, error)
            if isinstance(following, _Attempt):
                begin(following)
                continue
            result = following
        yield replace(result, failures=(*attempt.failures, *result.failures))


def run_job(job: Job, scanner_folders: tuple[Path, ...]) -> JobResult:
    """One job from start to end; what a worker process is asked."""
    scanners = load(scanner_folders)
    bound = []
    for track in job.tracks:
        scanner = scanners.get(track.rule.scanner)
        if scanner is None:
            return failed(job, f"there is no scanner {track.rule.scanner}")
        bound.append(BoundRule(track.rule, scanner, scanner.Options(**track.rule.options)))
    try:
        return walk_repository(job, bound)
    except MemoryError as error:
        return failed(job, asking.said(error))


def _without_culprit(attempt: _Attempt, lost: WorkerLostError) -> _Attempt | JobResult:
    """What is to be done after the process of a job was lost, or the result when that is nothing.

    Which of the rules of one scanner it was cannot be known: they are asked together.
    """
    job = attempt.job
    if lost.rule is None:
        if attempt.deaths + 1 < _MOST_DEATHS:
            return replace(attempt, deaths=attempt.deaths + 1)
        return failed(job, f"it could not be read: {lost}")
    scanner = job.tracks[lost.rule].rule.scanner
    reason = f"scanner {scanner}: {lost}"
    culprits = tuple((it.key, reason) for it in job.tracks if it.rule.scanner == scanner)
    rest = tuple(it for it in job.tracks if it.rule.scanner != scanner)
    if not rest:
        return JobResult(job.repository, failures=culprits)
    return replace(attempt, job=replace(job, tracks=rest), failures=(*attempt.failures, *culprits))


def _harmless(jobs: Iterable[Job], folders: tuple[Path, ...]) -> bool:
    """Whether all scanners are shipped ones, and none needs a process of its own."""
    loaded = load(folders)
    names = {track.rule.scanner for job in jobs for track in job.tracks}
    there = names & loaded.by_name.keys()
    shipped = {name for name in there if Path(loaded.origins[name]).parent == folders[-1]}
    return there == shipped and not any(
        isinstance(loaded.by_name[name], RepositoryScanner) for name in there
    )


@lru_cache(maxsize=8)
def load(folders: tuple[Path, ...]) -> Scanners:
    """The scanners of these folders, loaded once in each process and its copies."""
    return load_scanners(folders)


def _size(git_dir: Path) -> int:
    """Bytes of packed objects: about how much work a repository is."""
    objects = git_dir / "objects"
    alternates = objects / "info" / "alternates"
    total = 0
    try:
        places = [objects, *map(Path, os.fsdecode(alternates.read_bytes()).splitlines())]
    except OSError:
        places = [objects]
    for place in places:
        try:
            with os.scandir(place / "pack") as entries:
                total += sum(entry.stat().st_size for entry in entries)
        except OSError:
            continue
    return total
