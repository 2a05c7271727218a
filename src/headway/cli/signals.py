"""Signal handling: Ctrl-C and SIGTERM raise KeyboardInterrupt, but not during clean-up."""

from __future__ import annotations

import signal
import time
from types import FrameType

_CLEANUP_SECONDS = 10.0
"""How long further signals are ignored. Clean-up is faster: it kills git immediately and worker
processes after one second.
"""

_last_interrupt = float("-inf")
_exit_code: int | None = None


def listen() -> None:
    """Raise `KeyboardInterrupt` in the main thread on SIGINT and SIGTERM from now on.

    Signals during clean-up are ignored, because they would leave processes and temporary files
    behind. If the parent process ignored a signal, as `nohup` does, that signal remains ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def exit_code() -> int | None:
    """Return 128 plus the number of the last signal; None if no signal has arrived."""
    return _exit_code


def ignore() -> None:
    """Ignore all further signals, so that they cannot change the exit code."""
    # If a KeyboardInterrupt passes through `exec` or `eval` of a text, which dataclasses and named
    # tuples use, Python remembers that it was not handled, and `python -m` ends with SIGINT instead
    # of the exit code, even if the exception is handled later. Another `eval` resets this.
    eval("None")  # noqa: S307 - a constant
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    global _last_interrupt, _exit_code
    now = time.monotonic()
    if now - _last_interrupt > _CLEANUP_SECONDS:
        _last_interrupt, _exit_code = now, 128 + number
        raise KeyboardInterrupt
