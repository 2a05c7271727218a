"""Build a site on the workers of a cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from headway.cluster.cluster_errors import ClusterLostError
from headway.cluster.code_version import CodeVersion
from headway.cluster.host_messages import BuildCall, ChunkFailed, HostSettings, decode, encode
from headway.cluster.seats import Answered, Cluster, Event, Joined, Lost, Seats
from headway.cluster.usable_seats import report_refused, usable_seats
from headway.hashing import file_fingerprint
from headway.model.limits import Limits
from headway.model.progress_reporter import ProgressReporter
from headway.site.build.build_plan import BuildPlan
from headway.site.build.build_pool import BuilderLostError, BuildPool
from headway.site.build.page_builder import PageBuilder
from headway.store.database import log_of
from headway.wording.formats import plural

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class ClusterBuilders:
    """Starts build pools on the workers of a cluster.

    The workers write to the folder of the new site, so all machines must share it.
    """

    def __init__(
        self,
        connect: Callable[[], Cluster],
        version: CodeVersion,
        workspace: Path,
        limits: Limits,
        progress: ProgressReporter,
    ) -> None:
        """Create a pool starter.

        Args:
            connect: Creates a connection to the cluster.
            version: The version that all workers must have.
            workspace: The folder of headway.toml.
            limits: The limits in headway.toml.
            progress: Receives messages about workers.
        """
        self._connect = connect
        self._version = version
        self._workspace = workspace
        self._limits = limits
        self._progress = progress

    @contextmanager
    def __call__(self, plan: BuildPlan) -> Iterator[BuildPool]:
        """Start page builders on all workers, and end them when the block ends.

        Raises:
            BuilderLostError: A worker or the scheduler was lost while files were being written.
            HeadwayError: The cluster cannot be reached, or has no usable worker.
        """
        # The plan of a large site takes several megabytes, so it is not part of the messages.
        file = plan.place.scratch / "plan"
        file.write_bytes(encode(plan))
        inputs = [plan.store, log_of(plan.store)]
        inputs += [campaign.file for campaign in plan.campaigns if campaign.file is not None]
        shared = {str(path): file_fingerprint(path) for path in (file, *inputs)}

        def settings(seats: int, seats_of_worker: int) -> HostSettings:
            return HostSettings(
                self._workspace,
                asdict(self._limits),
                seats,
                seats_of_worker,
                plan=str(file),
                shared=shared,
            )

        with usable_seats(self._connect(), self._version, settings, self._progress) as seats:
            workers = len({seat.worker for seat in seats.usable})
            self._progress.note(
                f"building the site on {plural(workers, 'worker')} "
                f"with {plural(len(seats.usable), 'thread')}"
            )
            yield _ClusterPool(seats, self._progress)


class _ClusterPool:
    """A `BuildPool` that gives each seat one task at a time."""

    def __init__(self, seats: Seats, progress: ProgressReporter) -> None:
        self._seats = seats
        self._progress = progress
        self._answers: dict[str, bytes] = {}
        """The answers that have not been yielded yet, by the number of the task."""

    def __call__(
        self, work: Callable[[PageBuilder, _Task], _Result], tasks: Iterable[_Task]
    ) -> Iterator[_Result]:
        """Call the method for each task; see `BuildPool`."""
        waiting = deque((str(number), task) for number, task in enumerate(tasks))
        for number in [number for number, _ in waiting]:
            while number not in self._answers:
                self._send(work, waiting)
                self._wait()
            yield self._result(self._answers.pop(number))

    def _send(
        self, work: Callable[[PageBuilder, _Task], _Result], waiting: deque[tuple[str, _Task]]
    ) -> None:
        for seat in self._seats.idle:
            if not waiting:
                return
            number, task = waiting.popleft()
            self._seats.send(seat, (number,), encode(BuildCall(work, task)))

    def _wait(self) -> None:
        try:
            for event in self._seats.wait():
                self._handle(event)
        except ClusterLostError as error:
            self._progress.note(
                f"the connection to the scheduler of the cluster was lost ({error})"
            )
            raise BuilderLostError from error
        report_refused(self._seats, self._progress)
        if not self._seats.usable and not self._seats.are_starting:
            raise BuilderLostError

    def _handle(self, event: Event) -> None:
        match event:
            case Joined(seat):
                self._progress.note(f"worker {seat.name} joined")
            case Answered(_, (number,), data):
                self._answers[number] = data
            case Lost(seat, chunk, reason):
                if seat.machine:
                    self._progress.note(f"worker {seat.name} is lost: {reason}")
                # Another worker cannot run the task again, because some of its files may already
                # exist.
                if chunk:
                    raise BuilderLostError

    def _result(self, data: bytes) -> Any:
        """Return the result of a task, or raise the error of the task."""
        answer = decode(data)
        if isinstance(answer, ChunkFailed):
            self._progress.note(f"a worker failed: {answer.reason}")
            raise BuilderLostError
        if answer.error is not None:
            raise answer.error
        return answer.result
