"""Run the jobs of a scan on the workers of a cluster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from headway.cluster.chunk_queue import ChunkQueue
from headway.cluster.cluster_errors import ClusterLostError
from headway.cluster.code_version import CodeVersion
from headway.cluster.host_messages import (
    ChunkFailed,
    ChunkOfJobs,
    ChunkResults,
    HostSettings,
    decode,
    encode,
)
from headway.cluster.seats import Answered, Chunk, Cluster, Event, Joined, Lost, Seat, Seats
from headway.cluster.usable_seats import report_refused, usable_seats
from headway.git.mirrors import Mirrors
from headway.model.limits import Limits
from headway.model.progress_reporter import ProgressReporter
from headway.model.repository import Repository
from headway.scan.job_executor import NoMirror, NotReached, Outcome, Walks
from headway.scan.job_runner import packed_size
from headway.scan.mirror_provider import ReadyMirror
from headway.wording.formats import plural

_MOST_LOSSES = 3
"""A repository is not read again in this scan after this number of failed attempts."""
_LOSS_SECONDS = 60.0
"""The maximum wait for another usable worker after the last one was lost, in seconds."""


class ClusterExecutor:
    """A `JobExecutor` that sends chunks of repositories to the workers of a cluster.

    Workers can join and leave during a scan. Repositories that a worker was reading when it left
    are read again by another worker. If the scheduler is lost, the remaining repositories are
    unknown.
    """

    def __init__(
        self,
        cluster: Cluster,
        version: CodeVersion,
        workspace: Path,
        limits: Limits,
        progress: ProgressReporter,
        *,
        has_time_limit: bool = False,
        allow_loopback_http: bool = False,
    ) -> None:
        """Create an executor.

        Args:
            cluster: The connection to the cluster, which this executor opens and closes.
            version: The version that all workers must have.
            workspace: The folder of headway.toml.
            limits: The limits of the scan.
            progress: Receives messages about workers.
            has_time_limit: Whether the scan has a time limit. If it has one, repositories are read
                in the order of the scan. Otherwise, the largest ones are read first.
            allow_loopback_http: Whether plain HTTP to forges on the same machine is allowed.
        """
        self._cluster = cluster
        self._workspace = workspace
        self._limits = limits
        self._progress = progress
        self._has_time_limit = has_time_limit
        self._allow_loopback_http = allow_loopback_http
        self._version = version
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Connect to the cluster, and wait until its workers have started.

        Raises:
            HeadwayError: The cluster cannot be reached, or has no usable worker.
        """
        self._seats = self._stack.enter_context(
            usable_seats(self._cluster, self._version, self._settings, self._progress)
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def status(self) -> str:
        """The number of usable workers and of their busy threads, in words."""
        seats = self._seats.usable
        workers = len({seat.worker for seat in seats})
        noun = "1 worker" if workers == 1 else f"{workers:,} workers"
        return f"{noun}, {self._seats.busy:,} of {len(seats):,} threads busy"

    def run(self, walks: Walks) -> Iterator[Outcome]:
        """Send the repositories in chunks, and yield their outcomes. See `JobExecutor.run`."""
        queue = _queue(walks, largest_first=not self._has_time_limit)
        return _Run(self._seats, walks, queue, self._progress).outcomes()

    def _settings(self, seats: int, seats_of_worker: int) -> HostSettings:
        return HostSettings(
            self._workspace,
            asdict(self._limits),
            seats,
            seats_of_worker,
            self._allow_loopback_http,
        )


class _Run:
    """The state of the walks of one scan."""

    def __init__(
        self,
        seats: Seats,
        walks: Walks,
        queue: ChunkQueue,
        progress: ProgressReporter,
    ) -> None:
        self._seats = seats
        self._walks = walks
        self._progress = progress
        self._queue = queue
        self._repositories = {entry.key: entry for entry in walks.repositories}
        mirrors = Mirrors(Path())
        self._keys = {mirrors.path(key).as_posix(): key for key in self._repositories}
        """Maps the relative path of each mirror to the key of its repository."""
        self._losses: dict[str, int] = {}
        """The number of failed attempts to read a repository on a worker, by key."""
        self._running: set[str] = set()
        self._last_worker_at = time.monotonic()

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcome of each repository."""
        for seat in self._seats.usable:
            self._add(seat)
        while self._queue or self._running:
            if self._queue and self._walks.is_late():
                yield NotReached(self._queue.rest())
            self._send()
            try:
                for event in self._seats.wait():
                    yield from self._handle(event)
            except ClusterLostError as error:
                yield from self._give_up(
                    f"the connection to the scheduler of the cluster was lost ({error})"
                )
                return
            report_refused(self._seats, self._progress)
            if self._seats.usable or self._seats.are_starting:
                self._last_worker_at = time.monotonic()
            elif time.monotonic() - self._last_worker_at > _LOSS_SECONDS:
                yield from self._give_up("the cluster no longer has a usable worker")

    def _send(self) -> None:
        idle = self._seats.idle
        for seat in idle:
            chunk = self._queue.take(seat, len(self._seats.usable))
            if not chunk:
                continue  # This seat lost the remaining repositories, so another seat gets them.
            repositories = tuple(self._repositories[key] for key in chunk)
            supplies = {entry.key: ReadyMirror(Path(), entry.tip or "") for entry in repositories}
            jobs = tuple(self._walks.jobs_of({**supplies}))
            self._running.update(chunk)
            self._seats.send(seat, chunk, encode(ChunkOfJobs(repositories, jobs)))

    def _handle(self, event: Event) -> Iterator[Outcome]:
        match event:
            case Joined(seat):
                self._progress.note(f"worker {seat.name} joined")
                self._add(seat)
            case Answered(seat, chunk, data):
                answer = decode(data)
                if isinstance(answer, ChunkFailed):
                    yield from self._again(seat, chunk, answer.reason)
                else:
                    yield from self._finished(chunk, answer)
            case Lost(seat, chunk, reason, is_gone):
                if seat.machine and (is_gone or chunk):
                    count = f"; reading {_repositories(chunk)} again" if chunk else ""
                    self._progress.note(f"worker {seat.name} is lost: {reason}{count}")
                if is_gone:
                    self._queue.remove_seat(seat)
                yield from self._again(seat, chunk, reason)

    def _finished(self, chunk: Chunk, results: ChunkResults) -> Iterator[Outcome]:
        self._running.difference_update(chunk)
        for note in results.notes:
            self._progress.note(note)
        yield from results.outcomes

    def _again(self, seat: Seat, chunk: Chunk, reason: str) -> Iterator[Outcome]:
        """Put repositories back into the queue, or give up on them after several attempts."""
        self._running.difference_update(chunk)
        for key in chunk:
            self._losses[key] = self._losses.get(key, 0) + 1
            if self._losses[key] < _MOST_LOSSES:
                self._queue.put_back(key, seat)
            else:
                yield NoMirror(
                    key, f"{_MOST_LOSSES} attempts to read it on a worker failed: {reason}"
                )

    def _give_up(self, reason: str) -> Iterator[Outcome]:
        for key in (*sorted(self._running), *self._queue.rest()):
            yield NoMirror(key, reason)
        self._running.clear()

    def _add(self, seat: Seat) -> None:
        held = (self._keys[path] for path in seat.mirrors if path in self._keys)
        self._queue.add_seat(seat, held)


def _repositories(chunk: Chunk) -> str:
    return plural(len(chunk), "repository", "repositories")


def _queue(walks: Walks, *, largest_first: bool) -> ChunkQueue:
    sizes = {entry.key: _size(entry) for entry in walks.repositories}
    return ChunkQueue(sizes, largest_first=largest_first)


def _size(repository: Repository) -> int:
    """Return the size of a repository in bytes, or 0 if it is unknown."""
    if repository.size is not None:
        return repository.size
    is_local = repository.key.startswith("local/")
    return packed_size(Path(repository.clone_url)) if is_local else 0
