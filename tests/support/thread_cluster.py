"""A cluster without Dask. Its workers are threads, which start real host processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from headway.cluster.cluster_errors import ClusterLostError
from headway.cluster.host_handle import call_host, end_hosts

Reply = tuple[str, bytes | str]


class ThreadCluster:
    """A `Cluster` that records all bytes that it sends and receives."""

    name = "dask://127.0.0.1:1"

    def __init__(self, *workers: str) -> None:
        """Create a cluster of workers with these addresses, each with one thread."""
        self.listed = dict.fromkeys(workers, 1)
        self.sent: list[tuple[str, bytes]] = []
        """The worker and the content of each message with a chunk."""
        self.traffic: list[bytes] = []
        """Everything that was sent or received."""
        self.is_lost = False
        self.before_chunk: Callable[[str], Reply | None] = lambda worker: None
        """Called with a worker before the worker gets a chunk. The function may replace the reply.
        """
        self._commands: set[str] = set()

    def __enter__(self) -> Self:
        self._threads = ThreadPoolExecutor(8)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown()

    def workers(self) -> dict[str, int]:
        if self.is_lost:
            raise ClusterLostError("it was stopped")
        return dict(self.listed)

    def call(
        self, worker: str, command: str, slot: int, settings: bytes, message: bytes
    ) -> Future[Reply]:
        self.traffic += [settings, message]
        if message:
            self.sent.append((worker, message))
            reply = self.before_chunk(worker)
            if reply is not None:
                done: Future[Reply] = Future()
                done.set_result(reply)
                return done
            if worker not in self.listed:
                return Future()  # A task whose worker is gone never ends.
        return self._threads.submit(self._call, f"{command}{worker}", slot, settings, message)

    def _call(self, command: str, slot: int, settings: bytes, message: bytes) -> Reply:
        self._commands.add(command)
        reply = call_host(command, slot, settings, message)
        content = reply[1]
        self.traffic.append(content if isinstance(content, bytes) else content.encode())
        return reply

    def end_hosts(self, command: str, workers: Sequence[str]) -> None:
        for started in self._commands:
            end_hosts(started)
