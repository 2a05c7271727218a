"""A pool of worker processes in which a crash affects only the running call.

`concurrent.futures.ProcessPoolExecutor` is unsuitable, because scanners can crash and hang. When a
process dies, this executor abandons all calls and does not report the responsible one. It also
waits forever for a call that hangs.
"""

from __future__ import annotations

import contextlib
import math
import queue
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from headway.workers.sandbox import ProcessLimits
from headway.workers.worker_errors import WorkerLostError
from headway.workers.worker_main import WorkerSetup
from headway.workers.worker_process import (
    WorkerProcess,
    fork_worker,
    has_single_thread,
    start_worker,
)

_MOST_FAILED_STARTS = 3
_START_PAUSE_SECONDS = 0.1

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Workers(Executor):
    """An executor with at most `count` worker processes, for use as a context manager.

    A future raises `WorkerLostError` if its process was lost, and otherwise the call's own
    exception. All processes end with the `with` block. If the block raises an exception, running
    calls are aborted.
    """

    def __init__(
        self,
        count: int,
        *,
        scanner_seconds: float = math.inf,
        limits: ProcessLimits = ProcessLimits(),  # noqa: B008 - immutable
        begin: Callable[[], object] | None = None,
        preload: Sequence[str] = (),
        all_apart: bool = False,
    ) -> None:
        """Create a pool. Its processes start when the pool is entered or on demand.

        Args:
            count: The maximum number of simultaneous calls.
            scanner_seconds: The timeout for one call to a scanner.
            limits: The limits on the resources of each process.
            begin: Called once in each process, before the first call.
            preload: Modules that the fork server imports once for all its workers.
            all_apart: Whether every call must run in a worker, even if a few small calls would be
                faster in this process.
        """
        self.count = count
        self.all_apart = all_apart
        self._scanner_seconds = scanner_seconds
        self._setup = WorkerSetup(limits, begin)
        self._preload = preload
        self._calls: queue.SimpleQueue[tuple[Future[Any], Any] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._running: set[WorkerProcess] = set()
        self._forked: list[WorkerProcess] = []
        self._stopped = False

    def __enter__(self) -> Self:
        # A pool with one worker does not fork, because its user runs most calls in this process.
        if (self.count > 1 or self.all_apart) and has_single_thread():
            for _ in range(self.count):
                self._forked.append(fork_worker(self._setup, self._scanner_seconds, self._forked))
        return self

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Schedule one call. The function, its arguments and its result must be picklable."""
        future: Future[_T] = Future()
        self._calls.put((future, (fn, args, kwargs)))
        if len(self._threads) < self.count:
            thread = threading.Thread(target=self._serve, name="headway-worker", daemon=True)
            # Start before appending, because `shutdown` cannot join a thread that was not started.
            thread.start()
            self._threads.append(thread)
        return future

    def finish(self) -> None:
        """Let idle processes exit while the `with` block continues. No further call is allowed."""
        self._calls.put(None)
        for worker in self._forked:
            worker.pipe.close()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Shut down like `Executor.shutdown`, but `cancel_futures` also ends running calls."""
        if cancel_futures:
            self._stop()
        self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()
        while self._forked:
            self._forked.pop().end()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown(cancel_futures=error is not None)

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            for worker in self._running:
                worker.terminate()

    def _serve(self) -> None:
        """Pass calls to a worker, and replace a lost worker. Each thread runs this method."""
        # The main thread handles Ctrl-C.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        worker: WorkerProcess | None = None
        try:
            while (item := self._calls.get()) is not None:
                future, call = item
                if self._stopped or not future.set_running_or_notify_cancel():
                    continue
                try:
                    worker = worker or self._start()
                    future.set_result(worker.call(call))
                except BaseException as error:  # noqa: BLE001 - the future raises it
                    lost = None
                    if isinstance(error, WorkerLostError):
                        lost, worker = worker, None
                    future.set_exception(error)
                    if lost is not None:
                        self._end(lost)
                del item, future, call
        finally:
            # Pass the end marker on to the next thread. If `submit` was interrupted, more threads
            # can exist than `self._threads` contains.
            self._calls.put(None)
            if worker is not None:
                self._end(worker)

    def _start(self) -> WorkerProcess:
        try:
            worker = self._forked.pop()
        except IndexError:
            worker = self._start_another()
        with self._lock:
            self._running.add(worker)
            if self._stopped:
                worker.terminate()
        return worker

    def _start_another(self) -> WorkerProcess:
        """Start a worker through the fork server. The server is restarted if it was killed."""
        for _ in range(_MOST_FAILED_STARTS):
            with contextlib.suppress(EOFError, OSError):
                return start_worker(self._setup, self._scanner_seconds, self._preload)
            time.sleep(_START_PAUSE_SECONDS)
        try:
            return start_worker(self._setup, self._scanner_seconds, self._preload)
        except (EOFError, OSError) as error:
            reason = f"its process could not be started ({error or type(error).__name__})"
            raise WorkerLostError(reason, None) from error

    def _end(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._running.discard(worker)
        worker.end()
