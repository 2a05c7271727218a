"""Show the progress of a command, as a bar on a terminal or as occasional lines in a log."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from datetime import datetime
from types import TracebackType
from typing import Self

import click

from headway.cli.text_table import cut
from headway.printable import printable

_SECONDS_BETWEEN_UPDATES = 0.1
_SECONDS_BETWEEN_LINES = 10.0


class ProgressBar:
    """A `model.progress_reporter.ProgressReporter` that writes to standard error."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""
        self._total: int | None = None
        self._done = 0
        self._last = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._clear()

    def stage(self, text: str, total: int | None) -> None:
        """Begin a stage of the work. See `ProgressReporter.stage`."""
        self._stage, self._total, self._done = text, total, 0
        self._last = time.monotonic()
        if total == 0:
            self._clear()
        else:
            self._show("")

    def advance(self, count: int = 1, text: str = "") -> None:
        """Count finished units of the current stage. See `ProgressReporter.advance`."""
        self._done += count
        elapsed = time.monotonic() - self._last
        if self._terminal and elapsed > _SECONDS_BETWEEN_UPDATES:
            self._last = time.monotonic()
            self._show(text)
        elif not self._terminal and elapsed > _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            _write(self._line(text))

    def note(self, text: str) -> None:
        """Print a line that the progress bar does not overwrite. See `ProgressReporter.note`."""
        self._clear()
        _write(printable(text))

    def waiting(self, reason: str, until: datetime) -> None:
        """Report that the command is waiting for a forge, for example because of a rate limit."""
        self.note(f"waiting until {until:%H:%M:%S} UTC: {reason}")

    def _line(self, text: str, width: int | None = None) -> str:
        count = f"{self._done:,}" if self._total is None else f"{self._done:,} of {self._total:,}"
        line = f"{self._stage}: {count}"
        shown = printable(text)
        if width is not None:
            shown = cut(shown, max(width - len(line) - len(" ()"), 1))
        return f"{line} ({shown})" if shown else line

    def _show(self, text: str) -> None:
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            _write(f"\r\x1b[K{self._line(text, width)}", newline=False)
            self._shown = True

    def _clear(self) -> None:
        if self._shown:
            _write("\r\x1b[K", newline=False)
            self._shown = False


def _write(text: str, *, newline: bool = True) -> None:
    # Continue working even if the reader of standard error has closed the pipe.
    with contextlib.suppress(BrokenPipeError):
        click.echo(text, err=True, nl=newline)
