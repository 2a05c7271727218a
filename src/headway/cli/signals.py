"""Signal handling: Ctrl-C and SIGTERM raise KeyboardInterrupt, but not during clean-up."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

Handler = Callable[[int, FrameType | None], None]

_CLEANUP_SECONDS = 10.0
"""The period after a signal in which further signals are ignored, in seconds. Clean-up takes less
time than this, because it kills git immediately and worker processes within two seconds.
"""

_PAUSE_SECONDS = 0.02
"""The delay before another attempt to raise KeyboardInterrupt."""

_last_interrupt = float("-inf")
_exit_code: int | None = None
_before: set[object] = set()
"""The handlers that `listen` is allowed to replace."""


def expect(handler: Handler | None) -> None:
    """Allow `listen` to replace Python's default signal handlers and, if given, this handler."""
    _before.update((handler, signal.SIG_DFL, signal.default_int_handler))


def listen() -> None:
    """Raise `KeyboardInterrupt` in the main thread on SIGINT and SIGTERM from now on.

    This function does nothing without an earlier call to `expect`, for example in a process of
    another program. Signals during clean-up are ignored, because they would leave processes and
    temporary files behind. If the parent process ignored a signal, as `nohup` does, that signal
    remains ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in _before:
            signal.signal(number, _interrupt)
            sys.unraisablehook = _on_dropped_exception


def exit_code() -> int | None:
    """Return 128 plus the number of the last interrupting signal, or None if none arrived."""
    return _exit_code


def ignore() -> None:
    """Ignore further SIGINT and SIGTERM, so that they cannot change the exit code."""
    # If a KeyboardInterrupt passes through `exec` or `eval` of a string, which dataclasses and
    # named tuples use, Python remembers that the exception was not handled. `python -m` then ends
    # with SIGINT instead of the exit code, even if the exception is handled later. Another `eval`
    # clears this state.
    eval("None")  # noqa: S307 - a constant
    # A signal that arrived during an import may be waiting for the end of the import. Discard it.
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _last_interrupt, _exit_code
    now = time.monotonic()
    if now - _last_interrupt <= _CLEANUP_SECONDS:
        return
    if _is_importing(frame):
        # An exception would abort the process if the imported module is written in C++.
        _interrupt_later(number)
        return
    _last_interrupt, _exit_code = now, 128 + number
    raise KeyboardInterrupt


def _interrupt_later(number: int) -> None:
    signal.signal(signal.SIGALRM, lambda _, frame: _interrupt(number, frame))
    signal.setitimer(signal.ITIMER_REAL, _PAUSE_SECONDS)


def _on_dropped_exception(dropped: sys.UnraisableHookArgs) -> None:
    """Raise KeyboardInterrupt again if Python dropped it; handle other exceptions as usual.

    Python drops every exception that is raised in a destructor or in the callback of a weak
    reference.
    """
    global _last_interrupt  # noqa: PLW0603 - one per process
    number = (_exit_code or 0) - 128
    if dropped.exc_type is not KeyboardInterrupt or number < 0:
        sys.__unraisablehook__(dropped)
    elif signal.getsignal(number) is _interrupt:
        _last_interrupt = float("-inf")
        _interrupt_later(number)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
