"""Limit processes that run scanners, and make them exit when the coordinator dies."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import resource
import signal
import sys
from dataclasses import dataclass
from types import FrameType

from headway.process_tree import adopt_orphans

OUT_OF_MEMORY = 250
"""The exit code of a worker that, together with its child processes, used too much memory."""
TOO_MUCH_MEMORY = "the process needs more memory than `memory_gigabytes` under [limits] allows"
_PARENT_CHECK_SECONDS = 5.0
"""The interval between a process's checks that its parent is alive, in seconds."""
_exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """The limits on the resources of one process. None means no limit."""

    memory_bytes: int | None = None
    """The maximum memory of the process, in bytes. The process and its child processes together
    have the same limit.
    """
    processor_seconds: float | None = None
    """The maximum processor time of the process, and of each of its child processes, in seconds."""


def begin_worker(limits: ProcessLimits) -> None:
    """Prepare this process to be a worker."""
    # In a separate session, the worker can be killed together with its child processes.
    os.setsid()
    adopt_orphans()
    # Redirect the output of scanners, because only the coordinator prints results.
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
    sys.stdout = sys.stderr
    _begin(limits)
    # A scan creates many small records but hardly any reference cycles, so frequent garbage
    # collections waste time.
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def begin_scanner(limits: ProcessLimits) -> None:
    """Prepare this process, which is a child of a worker, to run one scanner."""
    os.setpgid(0, 0)
    _begin(limits)


def exit_if_asked() -> None:
    """Exit if SIGTERM has arrived.

    The signal raises SystemExit, but DuckDB turns every exception that a signal handler raises
    during a query into a RuntimeError.
    """
    if _exit_code is not None:
        raise SystemExit(_exit_code)


def how_it_died(exit_code: int | None) -> str:
    """Describe how a process ended. A negative exit code is the negated number of a signal."""
    if exit_code == OUT_OF_MEMORY:
        return TOO_MUCH_MEMORY
    how = f"exit code {exit_code}"
    if exit_code is not None and exit_code < 0:
        with contextlib.suppress(ValueError):
            how = signal.Signals(-exit_code).name
    return f"its process died ({how})"


def _begin(limits: ProcessLimits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _exit)
    _apply(limits)
    signal.signal(signal.SIGALRM, _check_parent)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, _PARENT_CHECK_SECONDS, _PARENT_CHECK_SECONDS)


def _apply(limits: ProcessLimits) -> None:
    # Disable core dumps, because one could be larger than the disk.
    _lower(resource.RLIMIT_CORE, 0)
    if limits.memory_bytes is not None:
        _lower(resource.RLIMIT_DATA, limits.memory_bytes)
    if limits.processor_seconds is not None:
        _lower(resource.RLIMIT_CPU, max(1, int(limits.processor_seconds)))


def _lower(which: int, value: int) -> None:
    """Lower a limit to `value`. Do nothing on systems without this limit."""
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (value, hard))


def _exit(number: int, _frame: FrameType | None) -> None:
    global _exit_code  # noqa: PLW0603 - one per process
    # Raise an exception, so that temporary files and child processes are cleaned up.
    _exit_code = 128 + number
    raise SystemExit(_exit_code)


def _check_parent(_number: int, _frame: FrameType | None) -> None:
    """Exit if the coordinator was killed, because it can no longer end this process."""
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        # A scanner can catch the exception. In that case, the next alarm kills the process.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        raise SystemExit(1)
