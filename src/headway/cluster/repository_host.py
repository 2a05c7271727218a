"""Fetch and walk repositories in the host of a seat, in chunks that a coordinator sends."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import BinaryIO, Self

from headway.cluster.host_machine import Machine
from headway.cluster.host_messages import ChunkOfJobs, ChunkResults, HostSettings
from headway.errors import CannotWriteError
from headway.forges.source import RemoteSource
from headway.git.mirrors import Mirrors
from headway.model.repository import Repository
from headway.scan.job import Job, JobResult
from headway.scan.job_executor import NoMirror, NotReached, Walks
from headway.scan.job_runner import load
from headway.scan.local_executor import LocalExecutor
from headway.scan.mirror_provider import MirrorProvider, ReadyMirror, Supplies
from headway.scan.request import ScanRequest
from headway.store.match_cache import MatchCache

_DEFAULT_BUDGET = 50 * 10**9
"""The default maximum size of one Dask worker's mirrors, in bytes."""


class RepositoryHost:
    """A host that fetches and walks repositories, for use as a context manager."""

    def __init__(self, machine: Machine, settings: HostSettings) -> None:
        """Choose a folder for mirrors.

        Raises:
            CannotWriteError: The folder cannot be created.
            TypeError: Another version of Headway sent the settings.
        """
        limits = settings.limits_here()
        folder, self._lock = _claim_folder(machine.cache)
        self._machine = machine
        self._folder = folder
        budget = machine.workspace.settings.mirror_budget or _DEFAULT_BUDGET
        self._request = ScanRequest(
            campaigns=(),
            scanners=machine.scanners,
            scanner_folders=machine.workspace.scanners,
            sources=machine.sources,
            store=folder / "no store",
            mirrors=folder,
            today=date.min,
            clock=machine.clock,
            workspace=machine.workspace.root,
            fetching_processes=settings.seats,
            mirror_budget=budget // settings.seats_of_worker,
            limits=limits,
            match_cache=MatchCache.in_folder(machine.cache / "matches", budget),
            allow_loopback_http=settings.allow_loopback_http,
            progress=machine.notes,
        )
        self._remote = {source.id for source in machine.sources if isinstance(source, RemoteSource)}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._lock)
        load(self._request.scanner_files)
        self._executor = self._stack.enter_context(LocalExecutor(self._request, all_apart=True))
        self._mirrors = self._stack.enter_context(MirrorProvider(self._request))
        self._mirrors.tidy()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def mirrors(self) -> frozenset[str]:
        """Return the paths of the mirrors in the folder of this host, relative to the folder."""
        return frozenset(
            mirror.path.relative_to(self._folder).as_posix()
            for mirror in Mirrors(self._folder).by_last_use()
            if mirror.last_used
        )

    def run(self, chunk: ChunkOfJobs) -> ChunkResults:
        """Fetch and walk the repositories of a chunk."""
        hidden = [entry for entry in chunk.repositories if not self._sees(entry)]
        visible = [entry for entry in chunk.repositories if self._sees(entry)]
        jobs = {job.repository: job for job in chunk.jobs}
        outcomes: list[JobResult | NoMirror] = [
            NoMirror(
                entry.key,
                f"worker {self._machine.name} cannot see {entry.clone_url}; "
                "every worker must be able to access local repositories at the same path as the "
                "machine that runs the scan",
            )
            for entry in hidden
        ]
        walks = Walks(visible, partial(self._placed, jobs), lambda: False, self._mirrors)
        for outcome in self._executor.run(walks):
            assert not isinstance(outcome, NotReached)  # Chunks have no time limit.
            outcomes.append(outcome)
        return ChunkResults(tuple(outcomes), self._machine.notes.take())

    def _sees(self, repository: Repository) -> bool:
        return repository.source in self._remote or Path(repository.clone_url).is_dir()

    def _placed(self, jobs: dict[str, Job], supplies: Supplies) -> Iterator[Job]:
        """Yield the jobs of the repositories that have mirrors."""
        for key, mirror in supplies.items():
            if isinstance(mirror, ReadyMirror):
                yield replace(
                    jobs[key],
                    git_dir=mirror.git_dir,
                    tip=mirror.tip,
                    can_fetch=mirror.can_fetch,
                    why_lacking=mirror.why_lacking,
                    workspace=self._machine.workspace.root,
                    match_cache=self._request.match_cache if jobs[key].match_cache else None,
                )


def _claim_folder(cache: Path) -> tuple[Path, BinaryIO]:
    """Return the first folder in the cache that no other host uses, and its locked lock file.

    Raises:
        CannotWriteError: The folder cannot be created.
    """
    for number in count():
        folder = cache / str(number)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (cache / f"{number}.lock").open("ab")
        except OSError as error:
            raise CannotWriteError(folder, error.strerror or error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        return folder, lock
    raise AssertionError("unreachable")
