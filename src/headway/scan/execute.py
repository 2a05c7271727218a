"""Spreads jobs over processes, and survives those that a scanner kills."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from pathlib import Path

from headway.scan.job import Job, JobResult, failed
from headway.scan.matching import BoundRule
from headway.scan.plugins import Scanners, load_scanners
from headway.scan.walk import walk_repository


def execute(
    jobs: Sequence[Job], scanner_folders: tuple[Path, ...], workers: int
) -> Iterator[JobResult]:
    """The results of all jobs, in the order in which they are ready; large repositories go first.

    workers: how many processes; with 1 everything runs in this one, except where a rule's scanner
    is not a shipped one: that must not end us. A job whose process dies is a failed job, and only
    that one.
    """
    ordered = sorted(jobs, key=lambda job: (-_size(job.git_dir), job.name))
    if (workers <= 1 or len(ordered) <= 1) and _all_shipped(ordered, scanner_folders):
        for job in ordered:
            yield run_job(job, scanner_folders)
        return
    unfinished: list[Job] = []
    count = max(1, min(workers, len(ordered)))
    yield from _spread(ordered, scanner_folders, count, unfinished)
    for job in unfinished:
        # one process each: whoever dies now is the one who killed the others
        lost: list[Job] = []
        yield from _spread([job], scanner_folders, 1, lost)
        for culprit in lost:
            yield failed(culprit, "a scanner made its process die")


def run_job(job: Job, scanner_folders: tuple[Path, ...]) -> JobResult:
    """One job from start to end; what a worker process is asked."""
    scanners = _loaded(scanner_folders)
    bound = []
    for track in job.tracks:
        scanner = scanners.get(track.rule.scanner)
        if scanner is None:
            return failed(job, f"there is no scanner {track.rule.scanner}")
        bound.append(BoundRule(track.rule, scanner, scanner.Options(**track.rule.options)))
    return walk_repository(job, bound)


def _all_shipped(jobs: Iterable[Job], folders: tuple[Path, ...]) -> bool:
    origins = _loaded(folders).origins
    names = {track.rule.scanner for job in jobs for track in job.tracks}
    return all(name not in origins or Path(origins[name]).parent == folders[-1] for name in names)


@lru_cache(maxsize=8)
def _loaded(folders: tuple[Path, ...]) -> Scanners:
    return load_scanners(folders)


def _spread(
    jobs: Sequence[Job], folders: tuple[Path, ...], workers: int, unfinished: list[Job]
) -> Iterator[JobResult]:
    """Results as they come; jobs that were lost with their process go to `unfinished`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["headway.scan.walk", "headway.scan.execute"])
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)
    try:
        futures = {executor.submit(run_job, job, folders): job for job in jobs}
        yield from _results(as_completed(futures), futures, unfinished)
    except BaseException:
        _end(executor)
        raise
    executor.shutdown()


def _results(
    ready: Iterable[Future[JobResult]],
    jobs: dict[Future[JobResult], Job],
    unfinished: list[Job],
) -> Iterator[JobResult]:
    for future in ready:
        job = jobs.pop(future)
        try:
            result = future.result()
        except BrokenProcessPool:
            unfinished.append(job)
            continue
        yield result


def _end(executor: Executor) -> None:
    """Leaves nothing running, whatever it was doing."""
    executor.shutdown(wait=False, cancel_futures=True)
    for child in multiprocessing.active_children():
        child.kill()


def _begin_worker() -> None:
    # Ctrl-C reaches the whole process group; the coordinator decides what happens
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # a walk makes many small records and no cycles: looking for cycles is work for nothing
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


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
