"""The protocol by which long-running work reports its progress."""

from __future__ import annotations

from typing import Protocol


class ProgressReporter(Protocol):
    """Receives reports; all calls come from one thread."""

    def stage(self, text: str, total: int | None) -> None:
        """A stage of `total` steps begins; None if the number of steps is not known."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """`count` more steps are done; `text` names the latest."""

    def note(self, text: str) -> None:
        """Something that should stay visible on the screen or in the log."""


class SilentReporter:
    """Ignores all reports."""

    def stage(self, text: str, total: int | None) -> None:
        """Ignored."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """Ignored."""

    def note(self, text: str) -> None:
        """Ignored."""
