"""Connect to a cluster, and wait until its workers can be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from headway.cluster.cluster_errors import ClusterLostError, NoUsableWorkerError
from headway.cluster.code_version import CodeVersion
from headway.cluster.host_messages import HostSettings
from headway.cluster.seats import Cluster, Seats
from headway.model.progress_reporter import ProgressReporter

_START_SECONDS = 60.0
"""The maximum time to wait until the workers have started, in seconds."""


@contextmanager
def usable_seats(
    cluster: Cluster,
    version: CodeVersion,
    settings_for: Callable[[int, int], HostSettings],
    progress: ProgressReporter,
) -> Iterator[Seats]:
    """Connect to a cluster, and yield its seats; end their hosts when the block ends.

    Args:
        cluster: The connection, which this function enters.
        version: The version that all workers must have.
        settings_for: See `Seats`.
        progress: Receives messages about workers that cannot be used.

    Raises:
        HeadwayError: The cluster cannot be reached, or has no usable worker.
    """
    with ExitStack() as stack:
        stack.enter_context(cluster)
        seats = Seats(cluster, uuid4().hex, version, settings_for)
        stack.callback(seats.end)
        try:
            _wait_for_workers(seats, cluster.name, progress)
        except ClusterLostError as error:
            raise NoUsableWorkerError(cluster.name, [str(error)]) from error
        yield seats


def report_refused(seats: Seats, progress: ProgressReporter) -> None:
    """Report the workers that were refused since the last call."""
    for worker, reason in seats.newly_refused():
        progress.note(f"worker {worker} is not used: {reason}")


def _wait_for_workers(seats: Seats, name: str, progress: ProgressReporter) -> None:
    """Wait until each worker is usable or refused, but at most `_START_SECONDS`.

    Raises:
        NoUsableWorkerError: No worker is usable.
    """
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        for _ in seats.wait():
            pass
        if not seats.are_starting and (seats.usable or seats.refused):
            break
    report_refused(seats, progress)
    if not seats.usable:
        reasons = [f"{worker}: {why}" for worker, why in sorted(seats.refused.items())]
        raise NoUsableWorkerError(name, reasons)
