"""Fetch and walk repositories in the host of a seat, in chunks that a coordinator sends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import BinaryIO, Self

from headway.cluster.code_version import CodeVersion, code_version
from headway.cluster.host_messages import (
    ChunkFailed,
    ChunkOfJobs,
    ChunkResults,
    HostReady,
    HostSettings,
    decode,
    encode,
)
from headway.config.workspace import Workspace
from headway.errors import CannotWriteError, HeadwayError
from headway.forges.source import RemoteSource, Source
from headway.git.mirrors import Mirrors
from headway.model.limits import Limits
from headway.model.repository import Repository
from headway.plugins import Scanners
from headway.printable import printable
from headway.scan.job import Job, JobResult
from headway.scan.job_executor import NoMirror, NotReached, Walks
from headway.scan.job_runner import load
from headway.scan.local_executor import LocalExecutor
from headway.scan.mirror_provider import MirrorProvider, ReadyMirror, Supplies
from headway.scan.request import ScanRequest
from headway.store.match_cache import MatchCache

_DEFAULT_BUDGET = 50 * 10**9
"""The default maximum size of one Dask worker's mirrors, in bytes."""


class Notes:
    """A `ProgressReporter` that collects the messages for the coordinator."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def stage(self, text: str, total: int | None) -> None:
        """Ignore the start of a stage."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """Ignore completed steps."""

    def note(self, text: str) -> None:
        """Collect a message."""
        self._texts.append(text)

    def waiting(self, reason: str, until: datetime) -> None:
        """Collect a message about a wait for a forge."""
        self.note(f"waiting until {until:%H:%M:%S} UTC: {reason}")

    def take(self) -> tuple[str, ...]:
        """Return the messages since the last call."""
        taken, self._texts = self._texts, []
        return tuple(taken)


@dataclass(frozen=True, slots=True)
class Machine:
    """The workspace, the plugins and the cache that a host uses on its machine."""

    name: str
    workspace: Workspace
    scanners: Scanners
    sources: tuple[Source, ...]
    cache: Path
    """The folder with the mirrors of all hosts on this machine."""
    clock: Callable[[], datetime]
    notes: Notes = field(default_factory=Notes)


def serve(pipe: Connection, find_machine: Callable[[HostSettings], Machine]) -> None:
    """Reply to the messages of a coordinator until the Dask worker exits.

    Args:
        pipe: Receives messages and sends the replies.
        find_machine: Opens the workspace on this machine. It may raise a `HeadwayError`.
    """
    settings = HostSettings.decode(pipe.recv_bytes())
    version = CodeVersion(())
    try:
        machine = find_machine(settings)
        version = code_version(machine.workspace, machine.scanners)
        limits = settings.limits_here()
        folder, lock = _claim_folder(machine.cache)
    except (HeadwayError, TypeError) as error:
        pipe.send_bytes(HostReady(platform.node(), version, failed=str(error)).encode())
        return
    with lock, _Host(machine, settings, limits, folder) as host:
        # Do not start threads earlier, because the processes that read repositories are forked.
        threading.Thread(target=_end_with_parent, daemon=True).start()
        pipe.send_bytes(HostReady(machine.name, version, host.mirrors()).encode())
        while True:
            answer: ChunkResults | ChunkFailed
            try:
                chunk = pipe.recv_bytes()
            except EOFError:
                return
            try:
                answer = host.run(decode(chunk))
            except Exception as error:  # noqa: BLE001 - the coordinator reports it
                traceback.print_exc()
                answer = ChunkFailed(printable(f"{type(error).__name__}: {error}"))
            pipe.send_bytes(encode(answer))


def _end_with_parent() -> None:
    """End this process when the Dask worker has ended, even if a repository is being read."""
    while os.read(0, 1024):
        pass
    # The child processes detect that this process has ended.
    os._exit(1)


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


class _Host:
    def __init__(
        self, machine: Machine, settings: HostSettings, limits: Limits, folder: Path
    ) -> None:
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
