"""Run the jobs of a scan on this machine, in worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self

from headway.scan.job_executor import NoMirror, NotReached, Outcome, Walks
from headway.scan.mirror_provider import Supplies
from headway.scan.mirrored_jobs import execute_on_mirrors
from headway.scan.request import ScanRequest
from headway.workers.pool import Workers
from headway.workers.sandbox import ProcessLimits

_READY_PER_WORKER = 4
"""The number of mirrors per worker that must be ready before their histories are walked."""


class LocalExecutor:
    """A `JobExecutor` that walks repositories while other mirrors are still being fetched.

    Enter the executor before any thread is started, because it forks.
    """

    status = ""

    def __init__(self, request: ScanRequest, *, all_apart: bool = False) -> None:
        """Create an executor.

        Args:
            request: The request of the scan.
            all_apart: Whether every job must run in a worker. Only then may `run` be called again.
        """
        self._request = request
        limits = request.limits
        self._workers = Workers(
            request.workers,
            scanner_seconds=limits.scanner_seconds,
            limits=ProcessLimits(limits.memory_bytes),
            preload=("headway.scan.job_runner", "headway.scan.shipped_scanners"),
            all_apart=all_apart,
        )

    def __enter__(self) -> Self:
        self._workers.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._workers.__exit__(kind, error, traceback)

    def run(self, walks: Walks) -> Iterator[Outcome]:
        """Process mirrors as they become ready. See `JobExecutor.run`."""
        mirrors = walks.mirrors
        mirrors.begin(walks.repositories)
        group_size = self._request.workers * _READY_PER_WORKER
        for supplies in mirrors.ready(group_size):
            for key, reason in supplies.items():
                if isinstance(reason, str):
                    yield NoMirror(key, reason)
            for group in self._groups(supplies, group_size):
                if walks.is_late():
                    unread = [key for key, mirror in group.items() if not isinstance(mirror, str)]
                    yield NotReached((*unread, *mirrors.cancel()))
                    continue
                jobs = list(walks.jobs_of(group))
                yield from execute_on_mirrors(jobs, self._request, mirrors, self._workers)
        if not self._workers.all_apart:
            self._workers.finish()

    def _groups(self, supplies: Supplies, size: int) -> Iterator[Supplies]:
        """Split the mirrors into groups. The time is checked between groups."""
        if self._request.stop_at is None:
            yield supplies
            return
        items = list(supplies.items())
        for first in range(0, len(items), size):
            yield dict(items[first : first + size])
