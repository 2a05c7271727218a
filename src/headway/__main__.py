"""The program `headway`, and `python -m headway`."""

from __future__ import annotations

import signal

# while modules load, Ctrl-C ends this program as it ends any other: without a traceback
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Runs the command line; never returns."""
    from headway.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
