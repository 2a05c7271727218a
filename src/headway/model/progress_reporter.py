"""The protocol by which long-running work reports its progress."""

from __future__ import annotations

from typing import Protocol


class ProgressReporter(Protocol):
    """Receives reports; all calls come from one thread."""

    def stage(self, text: str, total: int | None) -> None:
        """Report that a stage begins. total: the number of steps; None if it is not known."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """Report that `count` more steps are done. text: the name of the latest step."""

    def note(self, text: str) -> None:
        """Report a message that should stay visible on the screen or in the log."""


class SilentReporter:
    """Ignores all reports."""

    def stage(self, text: str, total: int | None) -> None:
        """Ignored."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """Ignored."""

    def note(self, text: str) -> None:
        """Ignored."""
