"""How far a scan is: a bar on a terminal, a plain line now and then in a log."""

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

_SECONDS_BETWEEN_LINES = 10.0


class ProgressBar:
    """A `scan.progress.ProgressReporter` that writes to standard error."""

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
        """See `scan.progress.ProgressReporter`."""
        self._stage, self._total, self._done = text, total, 0
        self._last = time.monotonic()
        self._show("")

    def advance(self, count: int = 1, text: str = "") -> None:
        """See `scan.progress.ProgressReporter`."""
        self._done += count
        since = time.monotonic() - self._last
        if self._terminal and since > 0.1:
            self._last = time.monotonic()
            self._show(text)
        elif not self._terminal and since > _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            _write(self._line(text))

    def note(self, text: str) -> None:
        """See `scan.progress.ProgressReporter`."""
        self._clear()
        _write(printable(text))

    def waiting(self, reason: str, until: datetime) -> None:
        """A forge makes us wait; see `forges.wait_policy.WaitPolicy`."""
        self.note(f"waiting until {until:%H:%M:%S} UTC: {reason}")

    def _line(self, text: str, width: int | None = None) -> str:
        of = f"{self._done:,}" if self._total is None else f"{self._done:,} of {self._total:,}"
        line = f"{self._stage}: {of}"
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
    # a scan goes on when nobody watches it any more
    with contextlib.suppress(BrokenPipeError):
        click.echo(text, err=True, nl=newline)
