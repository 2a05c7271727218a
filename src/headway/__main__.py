"""The entry point of `headway` and of `python -m headway`."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from types import FrameType


def exit_at_once(number: int, _frame: FrameType | None) -> None:
    """Exit with 128 plus the signal number. This handler is used until the command line starts."""
    os.write(2, b"error: interrupted; no partial results were saved.\n")
    os._exit(128 + number)


# Until the command line handles signals, a KeyboardInterrupt could end the program with a
# traceback, or abort it inside a module written in C++.
for _number in (signal.SIGINT, signal.SIGTERM):
    if signal.getsignal(_number) in (signal.SIG_DFL, signal.default_int_handler):
        signal.signal(_number, exit_at_once)


def main() -> None:
    """Run the command line and exit."""
    # Imports create many objects but hardly any reference cycles. With the default threshold,
    # garbage collection takes a tenth of the run time of a short command.
    gc.set_threshold(200_000, 50, 50)
    from headway.cli import main as command_line

    try:
        command_line(exit_at_once)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            _exit_without_freeing(ended.code or 0)
        raise


def _exit_without_freeing(code: int) -> None:
    """Exit without freeing memory, which would take 80 ms.

    Return instead if other threads are running or an output stream cannot be flushed, so that
    Python handles these cases.
    """
    if threading.active_count() > 1:
        return
    atexit._run_exitfuncs()  # noqa: SLF001 - `os._exit` would skip them
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError):
        return
    os._exit(code)


if __name__ == "__main__":
    main()
