"""What a process that runs scanners may take up, and that it does not outlive whom it works for."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import resource
import signal
from dataclasses import dataclass
from types import FrameType

_SECONDS_BETWEEN_LOOKS = 5.0


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """memory_bytes: what one process may allocate. processor_seconds: of one process, and of each
    that it starts. None is without end.
    """

    memory_bytes: int | None = None
    processor_seconds: float | None = None


def begin_worker(confinement: ProcessLimits) -> None:
    """Makes this process one that works for another."""
    # a session of its own: a terminal's Ctrl-C does not reach it, and it can be ended as a whole
    os.setsid()
    _begin(confinement)
    # a walk makes many small records and no cycles: looking for cycles is work for nothing
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def begin_scanner(confinement: ProcessLimits) -> None:
    """Makes this process, the child of a worker, one that asks a scanner and nothing else."""
    os.setpgid(0, 0)
    _begin(confinement)


def how_it_died(code: int | None) -> str:
    """What the exit code of a process says, in words; minus the number of a signal for one."""
    how = f"exit code {code}"
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            how = signal.Signals(-code).name
    return f"its process died ({how})"


def _begin(confinement: ProcessLimits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    _confine(confinement)
    signal.signal(signal.SIGALRM, _look_for_parent)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS_BETWEEN_LOOKS, _SECONDS_BETWEEN_LOOKS)


def _confine(confinement: ProcessLimits) -> None:
    # the dump of a process that dies may be larger than the disk
    _lower(resource.RLIMIT_CORE, 0)
    if confinement.memory_bytes is not None:
        _lower(resource.RLIMIT_DATA, confinement.memory_bytes)
    if confinement.processor_seconds is not None:
        _lower(resource.RLIMIT_CPU, max(1, int(confinement.processor_seconds)))


def _lower(which: int, value: int) -> None:
    """Not above what the system allows already; a system that knows no such limit is left alone."""
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (value, hard))


def _leave(number: int, _frame: FrameType | None) -> None:
    # by an exception, so that what this process has started and written is cleared away
    raise SystemExit(128 + number)


def _look_for_parent(_number: int, _frame: FrameType | None) -> None:
    """A coordinator that was killed can end nothing any more."""
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        # a scanner may hold on to the exception: the next time is the last
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        raise SystemExit(1)
