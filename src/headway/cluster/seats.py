"""The seats of a cluster: one for each thread of each usable worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from headway.cluster.cluster_address import is_safe
from headway.cluster.code_version import CodeVersion
from headway.cluster.host_handle import ANSWERED
from headway.cluster.host_messages import HostReady, HostSettings

_LOOK_SECONDS = 2.0
"""The minimum interval between two readings of the list of workers, in seconds."""
_WAIT_SECONDS = 1.0
"""The maximum time of a single wait for events, in seconds."""
_MOST_LOSSES = 3
"""A seat whose host ends this number of times in a row gets no more chunks."""
_START_SECONDS = 120.0
"""A worker is refused if one of its hosts does not start within this time, in seconds."""

Reply = tuple[str, bytes | str]
Chunk = tuple[str, ...]
"""The keys of the repositories in a chunk, or the number of a task in a site build."""


class Cluster(Protocol):
    """The connection to a cluster, for use as a context manager. See `DaskCluster`."""

    @property
    def name(self) -> str: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def workers(self) -> Mapping[str, int]: ...

    def call(
        self, worker: str, command: str, slot: int, settings: bytes, message: bytes
    ) -> Future[Reply]: ...

    def end_hosts(self, command: str, workers: Sequence[str]) -> None: ...


@dataclass(eq=False, slots=True)
class Seat:
    """A thread of a worker."""

    worker: str
    """The address of the worker."""
    slot: int
    """The number of the seat in its worker."""
    settings: bytes
    """The first message to the host."""
    started_at: float
    machine: str = ""
    """The name of the machine, or an empty string before the host's first reply."""
    mirrors: frozenset[str] = frozenset()
    """The mirrors that the host had when it started. See `HostReady`."""
    future: Future[Reply] | None = None
    """The pending reply of the host, or None if the seat is idle."""
    chunk: Chunk = ()
    losses: int = 0
    """The number of times that the host has ended since its last reply."""

    @property
    def name(self) -> str:
        """The name of the worker in messages."""
        return f"{self.machine} ({self.worker})" if self.machine else self.worker


@dataclass(frozen=True, slots=True)
class Joined:
    """The event that a seat can now get chunks."""

    seat: Seat


@dataclass(frozen=True, slots=True)
class Answered:
    """The event that a seat has returned the results of a chunk."""

    seat: Seat
    chunk: Chunk
    answer: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """The event that a seat will not return the results of its chunk, which can be empty."""

    seat: Seat
    chunk: Chunk
    reason: str
    is_gone: bool
    """Whether the seat gets no more chunks."""


Event = Joined | Answered | Lost


class Seats:
    """All seats of a cluster, while workers join and leave. Only one thread may use the object."""

    def __init__(
        self,
        cluster: Cluster,
        command: str,
        version: CodeVersion,
        settings_for: Callable[[int, int], HostSettings],
    ) -> None:
        """Create an object without seats.

        Args:
            cluster: The connection to the cluster.
            command: The ID of the running command.
            version: The version that all hosts must have.
            settings_for: Returns the first message to a host, given the number of all seats and
                the number of seats of its worker.
        """
        self._cluster = cluster
        self._command = command
        self._version = version
        self._settings_for = settings_for
        self._seats: list[Seat] = []
        self._called: set[str] = set()
        """All workers that may have hosts."""
        self._looked_at: float | None = None
        self.refused: dict[str, str] = {}
        """The reasons why workers cannot be used, by address."""
        self._reported: set[str] = set()

    @property
    def usable(self) -> list[Seat]:
        """The seats whose hosts have started."""
        return [seat for seat in self._seats if seat.machine]

    @property
    def idle(self) -> list[Seat]:
        """The seats that can get a chunk now."""
        return [seat for seat in self._seats if seat.future is None]

    @property
    def busy(self) -> int:
        """The number of seats that have a chunk."""
        return sum(1 for seat in self._seats if seat.chunk)

    @property
    def are_starting(self) -> bool:
        """Whether the hosts of some seats have not replied yet."""
        return any(not seat.machine for seat in self._seats)

    def send(self, seat: Seat, chunk: Chunk, message: bytes) -> None:
        """Send a chunk to an idle seat."""
        seat.chunk = chunk
        seat.future = self._cluster.call(
            seat.worker, self._command, seat.slot, seat.settings, message
        )

    def newly_refused(self) -> Iterator[tuple[str, str]]:
        """Yield the address and the reason of each worker refused since the last call."""
        for worker in self.refused.keys() - self._reported:
            self._reported.add(worker)
            yield worker, self.refused[worker]

    def wait(self) -> Iterator[Event]:
        """Wait at most a second for an event, and yield all events that have happened.

        Raises:
            ClusterLostError: The scheduler is lost.
        """
        yield from self._look()
        futures = {seat.future: seat for seat in self._seats if seat.future is not None}
        if not futures:
            time.sleep(_WAIT_SECONDS)
            return
        done, _ = wait(futures, _WAIT_SECONDS, FIRST_COMPLETED)
        for future in done:
            yield from self._take(futures[future], future)

    def end(self) -> None:
        """End all hosts, including those of workers that were refused or lost."""
        if self._called:
            self._cluster.end_hosts(self._command, sorted(self._called))

    def _look(self) -> Iterator[Event]:
        """Update the seats from the list of workers, unless this was done recently."""
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        workers = self._cluster.workers()
        for seat in list(self._seats):
            if seat.worker not in workers:
                yield self._remove(seat, "its worker is gone")
            elif not seat.machine and now - seat.started_at > _START_SECONDS:
                self.refused[seat.worker] = "it did not respond in time"
                yield self._remove(seat, "it did not respond in time")
        known = {seat.worker for seat in self._seats} | self.refused.keys()
        total = sum(workers.values())
        for worker in sorted(workers.keys() - known):
            self._add(worker, workers[worker], total)

    def _add(self, worker: str, threads: int, total: int) -> None:
        if not is_safe(worker):
            self.refused[worker] = "it accepts connections from other machines without TLS"
            return
        self._called.add(worker)
        settings = self._settings_for(total, threads).encode()
        for slot in range(threads):
            seat = Seat(worker, slot, settings, time.monotonic())
            seat.future = self._cluster.call(worker, self._command, slot, settings, b"")
            self._seats.append(seat)

    def _take(self, seat: Seat, future: Future[Reply]) -> Iterator[Event]:
        """Yield the event that results from a completed call."""
        if seat not in self._seats:
            return
        answer, reason = _result(future)
        seat.future = None
        if not seat.machine:
            yield self._started(seat, answer, reason)
        elif answer is None:
            seat.losses += 1
            if seat.losses >= _MOST_LOSSES:
                self.refused[seat.worker] = reason
                yield self._remove(seat, reason)
            else:
                chunk, seat.chunk = seat.chunk, ()
                yield Lost(seat, chunk, reason, is_gone=False)
        else:
            seat.losses = 0
            chunk, seat.chunk = seat.chunk, ()
            yield Answered(seat, chunk, answer)

    def _started(self, seat: Seat, answer: bytes | None, reason: str) -> Event:
        """Check the first reply of a new host, and return the resulting event."""
        if answer is not None:
            ready = HostReady.decode(answer)
            difference = ready.version.first_difference(self._version)
            reason = (difference if ready.version.values else None) or ready.failed
            if not reason:
                seat.machine, seat.mirrors = ready.machine, ready.mirrors
                return Joined(seat)
        self.refused[seat.worker] = reason
        return self._remove(seat, reason)

    def _remove(self, seat: Seat, reason: str) -> Lost:
        self._seats.remove(seat)
        if seat.future is not None:
            seat.future.cancel()
        chunk, seat.chunk = seat.chunk, ()
        return Lost(seat, chunk, reason, is_gone=True)


def _result(future: Future[Reply]) -> tuple[bytes | None, str]:
    """Return a host's reply or, if the host did not reply, None and the reason."""
    try:
        kind, content = future.result(timeout=0)
    except CancelledError:
        return None, "its worker is gone"
    except Exception as error:  # noqa: BLE001 - Dask passes on anything
        return None, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    if kind == ANSWERED and isinstance(content, bytes):
        return content, ""
    return None, str(content)
