"""Signal handling: Ctrl-C and SIGTERM raise one KeyboardInterrupt, then allow for clean-up."""

from __future__ import annotations

import signal
import time
from types import FrameType

_CLEANUP_SECONDS = 10.0
"""Clean-up takes less: it kills worker processes after one second, and git immediately."""

_last_interrupt = float("-inf")
_exit_code: int | None = None


def listen() -> None:
    """Raise `KeyboardInterrupt` in the main thread on SIGINT and SIGTERM from now on.

    A second signal during clean-up is ignored, because it would leave processes and temporary files
    behind. A signal that the parent process ignores, as `nohup` does, stays ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def exit_code() -> int | None:
    """Return 128 plus the number of the signal that arrived, as shells do; None without one."""
    return _exit_code


def ignore() -> None:
    """Ignore further signals, so that a signal after clean-up cannot change the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    global _last_interrupt, _exit_code
    now = time.monotonic()
    if now - _last_interrupt > _CLEANUP_SECONDS:
        _last_interrupt, _exit_code = now, 128 + number
        raise KeyboardInterrupt
