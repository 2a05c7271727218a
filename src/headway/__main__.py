"""The entry point of `headway` and of `python -m headway`."""

from __future__ import annotations

import os
import signal
from types import FrameType


def exit_at_once(number: int, _frame: FrameType | None) -> None:
    """Exit with 128 plus the signal's number. Used until the command line handles signals."""
    os.write(2, b"error: interrupted; no partial results were saved.\n")
    os._exit(128 + number)


# Until the command line handles signals, a KeyboardInterrupt could end the program with a traceback
# or, inside a module written in C++, with an abort.
for _number in (signal.SIGINT, signal.SIGTERM):
    if signal.getsignal(_number) in (signal.SIG_DFL, signal.default_int_handler):
        signal.signal(_number, exit_at_once)


def main() -> None:
    """Run the command line and exit."""
    from headway.cli import main as command_line

    command_line(exit_at_once)


if __name__ == "__main__":
    main()
