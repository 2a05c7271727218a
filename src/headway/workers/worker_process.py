"""The coordinator's handle for one worker process: start, call, end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import Any

from headway.process_tree import descendants_of
from headway.workers.active_rule import SLOTS, active_content, active_rule_index
from headway.workers.keeper import keep
from headway.workers.sandbox import how_it_died
from headway.workers.worker_errors import WorkerFaultError, WorkerLostError
from headway.workers.worker_main import LOST, RAISED, WorkerSetup, work

_CHECKS_PER_TIMEOUT = 4
"""The number of checks of a worker within the timeout of a scanner."""
_LONGEST_PAUSE = 1.0
"""The maximum time between two checks, in seconds."""
_GRACE_SECONDS = 10.0
"""The time for a process to exit before it is killed, in seconds. The keeper, which runs no scanner
code, kills an unresponsive worker much earlier.
"""


class WorkerProcess:
    """One worker process, used by one thread."""

    def __init__(
        self, process: BaseProcess, pipe: Connection, slots: Any, scanner_seconds: float
    ) -> None:
        self.pipe = pipe
        self._process = process
        self._slots = slots
        self._scanner_seconds = scanner_seconds
        self._busy = False
        self._calls = 0
        self._terminated_at: float | None = None
        self._pause = min(scanner_seconds / _CHECKS_PER_TIMEOUT, _LONGEST_PAUSE)

    def call(self, call: object) -> Any:
        """Run one call in the process.

        Args:
            call: (Function, positional arguments, keyword arguments), all picklable.

        Raises:
            WorkerLostError: The process died, or a scanner exceeded its timeout.
            WorkerFaultError: The call raised an exception that cannot be pickled.
            Exception: The call raised this exception.
        """
        self._busy = True
        self._calls += 1
        try:
            self.pipe.send((self._calls, call))
            self._wait()
            number, kind, answer = self.pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join(_GRACE_SECONDS)
            raise self._lost(how_it_died(self._process.exitcode)) from None
        if number != self._calls:
            raise WorkerLostError(f"its process answered call {number} twice", None)
        self._busy = False
        if kind == LOST:
            raise self._lost(answer)
        if kind == RAISED:
            error, traceback = answer
            if error is None:
                raise WorkerFaultError(traceback)
            raise error from WorkerFaultError(traceback)
        return answer

    def terminate(self) -> None:
        """Make the process exit and end its child processes. Any thread may call this method."""
        self._terminated_at = time.monotonic()
        self._signal(signal.SIGTERM, os.kill)

    def end(self) -> None:
        """End the process and wait for it. An idle process exits when its pipe is closed."""
        self.pipe.close()
        if self._busy:
            self.terminate()
        self._process.join(_GRACE_SECONDS)
        if self._process.exitcode is None:
            # The keeper cannot kill the worker's remaining processes, so kill them here.
            family = descendants_of(self._process.pid or 0)
            self._signal(signal.SIGKILL, os.killpg)
            self._process.kill()
            for process in family:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, signal.SIGKILL)
            self._process.join()
        # Do not call `self._process.close()`. It would lead to a ValueError in two cases: if the
        # program is ending and another thread is about to join the process, and if a signal
        # interrupted `join` after the kernel had reported the exit code.

    def _wait(self) -> None:
        """Wait for a reply.

        Raises:
            WorkerLostError: A scanner exceeded its timeout.
            EOFError: The process died, or did not exit after `terminate`.
        """
        last: list[int] = []
        since = time.monotonic()
        while not (ready := wait([self.pipe, self._process.sentinel], self._pause)):
            if self._terminated_at and time.monotonic() - self._terminated_at > _GRACE_SECONDS:
                raise EOFError
            if self._process.exitcode is not None:
                break  # The process exited, but one that it started keeps the sentinel open.
            now = list(self._slots)
            if now != last or active_rule_index(now) is None:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > self._scanner_seconds:
                raise self._lost(f"no response within {self._scanner_seconds:g} s")
        # After the death of a worker, its child process can keep the worker's end of the pipe open.
        if self.pipe not in ready and not self.pipe.poll(0):
            raise EOFError

    def _lost(self, reason: str) -> WorkerLostError:
        return WorkerLostError(reason, active_rule_index(self._slots), active_content(self._slots))

    def _signal(self, number: signal.Signals, send: Callable[[int, int], None]) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._process.pid is not None:
                send(self._process.pid, number)


def start_worker(
    setup: WorkerSetup, scanner_seconds: float, preload: Sequence[str]
) -> WorkerProcess:
    """Start a worker through the fork server. Any thread may call this function.

    Args:
        setup: The settings for preparing the process.
        scanner_seconds: The timeout for one call to a scanner.
        preload: Modules that the fork server imports once for all workers.
    """
    # Start the resource tracker first, because starting it resets the signal mask, which the fork
    # server and the workers must inherit.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    slots = RawArray("q", SLOTS)
    ours, theirs = context.Pipe()
    process = _process(context, theirs, (theirs, slots, setup), setup)
    process.start()
    theirs.close()
    return WorkerProcess(process, ours, slots, scanner_seconds)


def fork_worker(
    setup: WorkerSetup, scanner_seconds: float, others: Sequence[WorkerProcess]
) -> WorkerProcess:
    """Start a worker as a copy of this process, which must have a single thread.

    Args:
        setup: The settings for preparing the process.
        scanner_seconds: The timeout for one call to a scanner.
        others: The workers that were forked earlier. The new worker closes its copies of their
            pipes.
    """
    context = multiprocessing.get_context("fork")
    slots = RawArray("q", SLOTS)
    ours, theirs = context.Pipe()
    inherited = (ours, *(other.pipe for other in others))
    process = _process(context, theirs, (theirs, slots, setup, inherited), setup, inherited)
    # The worker must not run the coordinator's signal handlers before it has installed its own.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    return WorkerProcess(process, ours, slots, scanner_seconds)


def _process(
    context: Any,
    pipe: Connection,
    arguments: Sequence[object],
    setup: WorkerSetup,
    inherited: Sequence[Connection] = (),
) -> BaseProcess:
    """Return the process object of a new keeper, which will start the worker."""
    pipes = (pipe, *inherited)
    process: BaseProcess = context.Process(
        target=keep, args=(work, arguments, pipes, setup.limits.memory_bytes)
    )
    return process


def has_single_thread() -> bool:
    """Return whether this process has only one thread, so that it can fork safely.

    After a fork, a lock held by another thread would stay locked forever.
    """
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir()) == 1
    except OSError:
        # This is not Linux. Other systems start internal threads that may not survive a fork.
        return False
