"""Signal handling: Ctrl-C and SIGTERM raise KeyboardInterrupt, but not during clean-up."""

from __future__ import annotations

import signal
import time
from types import FrameType

_CLEANUP_SECONDS = 10.0
"""The time during which further signals are ignored.

Clean-up takes less time: it kills git immediately and worker processes after one second.
"""

_last_interrupt = float("-inf")
_exit_code: int | None = None


def listen() -> None:
    """Raise `KeyboardInterrupt` in the main thread on SIGINT and SIGTERM from now on.

    Signals during clean-up are ignored, because they would leave processes and temporary files
    behind. A signal that this process was started to ignore, for example by `nohup`, stays ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def exit_code() -> int | None:
    """Return the exit code for the last signal, 128 plus its number; None if none has arrived."""
    return _exit_code


def ignore() -> None:
    """Ignore all further signals, so that they cannot change the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    global _last_interrupt, _exit_code
    now = time.monotonic()
    if now - _last_interrupt > _CLEANUP_SECONDS:
        _last_interrupt, _exit_code = now, 128 + number
        raise KeyboardInterrupt
