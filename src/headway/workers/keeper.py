"""The keeper, a worker's parent process, kills all processes that the worker leaves behind.

A scanner can fork, start programs, or start daemons that detach themselves. The keeper adopts all
of these processes, so that it finds them regardless of how the worker ends. The keeper runs no
scanner code and holds none of the worker's pipes.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from types import FrameType

from headway.process_tree import (
    adopt_orphans,
    descendants_of,
    die_with_parent,
    kill_children,
    need_more_memory,
    notice_death_of_parent,
)
from headway.workers.sandbox import OUT_OF_MEMORY

_CHECK_SECONDS = 1.0
"""The interval between the keeper's checks of the memory and the coordinator, in seconds."""
_GRACE_SECONDS = 1.0
"""The time for a worker to exit before it is killed, in seconds."""


def keep(
    run: Callable[..., None],
    arguments: Sequence[object],
    pipes: Sequence[Connection],
    memory_bytes: int | None,
) -> None:
    """Call a function in a child process, and exit in the same way as that process.

    Args:
        run: The function.
        arguments: The arguments of the function.
        pipes: The pipes of the child process. The keeper must not keep them open.
        memory_bytes: The maximum memory of the child process and its descendants together. None
            means no limit.
    """
    # In a separate session, the keeper does not receive Ctrl-C from a terminal.
    os.setsid()
    adopt_orphans()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    coordinator = multiprocessing.parent_process()
    if coordinator is not None and coordinator.pid == os.getppid():
        # Do this only if the coordinator itself forked this process. The death of a fork server
        # must not end a call.
        notice_death_of_parent(signal.SIGTERM)
    keeper = os.getpid()
    worker = os.fork()
    if worker == 0:
        die_with_parent(keeper)
        run(*arguments)
        return
    for pipe in pipes:
        pipe.close()
    _Keeper(worker, memory_bytes).run()


class _Keeper:
    def __init__(self, worker: int, memory_bytes: int | None) -> None:
        self._worker = worker
        self._memory_bytes = memory_bytes
        self._needs_memory = 0
        """The number of consecutive checks that found too much memory in use."""
        self._terminated_at: float | None = None

    def run(self) -> None:
        """Wait for the worker, kill all remaining processes, and exit as the worker did."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        signal.signal(signal.SIGTERM, self._terminate)
        signal.signal(signal.SIGALRM, self._check)
        signal.setitimer(signal.ITIMER_REAL, _CHECK_SECONDS, _CHECK_SECONDS)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _, status = os.waitpid(self._worker, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._worker, signal.SIGKILL)
        kill_children()
        if self._needs_memory > 1:
            raise SystemExit(OUT_OF_MEMORY)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            _die_of(-code)
        raise SystemExit(code)

    def _terminate(self, _number: int, _frame: FrameType | None) -> None:
        """Pass SIGTERM on to the worker."""
        self._terminated_at = self._terminated_at or time.monotonic()
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        # The worker may have ended just before a signal handler of the keeper runs.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._worker, number)

    def _check(self, number: int, frame: FrameType | None) -> None:
        """End the worker if it does not exit in time or has lost the coordinator.

        Also end the worker if it and its descendants together use too much memory in two
        consecutive checks.
        """
        if self._terminated_at and time.monotonic() - self._terminated_at > _GRACE_SECONDS:
            self._send(signal.SIGKILL)
        coordinator = multiprocessing.parent_process()
        if coordinator is not None and not coordinator.is_alive():
            self._terminate(number, frame)
        if self._memory_bytes is not None:
            family = [self._worker, *descendants_of(self._worker)]
            too_much = len(family) > 1 and need_more_memory(family, self._memory_bytes)
            self._needs_memory = self._needs_memory + 1 if too_much else 0
            if self._needs_memory > 1:
                self._send(signal.SIGKILL)


def _die_of(number: int) -> None:
    """End this process with the signal that ended its worker."""
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
