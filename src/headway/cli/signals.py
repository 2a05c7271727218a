"""Ctrl-C, and a request to end such as CI sends: one exception, and then time to clear away."""

from __future__ import annotations

import signal
import time
from types import FrameType

_SECONDS_TO_CLEAR_AWAY = 10.0
"""More than that takes: workers are killed after one second, and git at once."""

_last = float("-inf")
_exit_code: int | None = None


def listen() -> None:
    """From now on both raise `KeyboardInterrupt` in the main thread.

    A second one while the first clears away is ignored: it would leave behind what the first
    ends. A signal that whoever started us had ignored, as `nohup` does, stays ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def exit_code() -> int | None:
    """That of a process which was interrupted, as a shell gives it; None when it was not.

    Whatever is raised after an interruption comes of it: DuckDB, for one, makes a `RuntimeError`
    of any exception that a signal raises while it is at work.
    """
    return _exit_code


def ignore() -> None:
    """All is cleared away: one that comes while Python ends must not change the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    global _last, _exit_code
    now = time.monotonic()
    if now - _last > _SECONDS_TO_CLEAR_AWAY:
        _last, _exit_code = now, 128 + number
        raise KeyboardInterrupt
