"""The entry point of `headway` and of `python -m headway`."""

from __future__ import annotations

import signal

# While modules are imported, let Ctrl-C end the program without a traceback.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Run the command line and exit."""
    from headway.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
