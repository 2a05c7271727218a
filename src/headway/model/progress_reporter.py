"""The protocol for progress reports of long-running work."""

from __future__ import annotations

from typing import Protocol


class ProgressReporter(Protocol):
    """Receives progress reports, all from the same thread."""

    def stage(self, text: str, total: int | None) -> None:
        """Report that a stage begins.

        Args:
            text: A description of the stage.
            total: The number of steps in the stage, or None if it is unknown.
        """

    def advance(self, count: int = 1, text: str = "") -> None:
        """Report that more steps of the stage have been completed.

        Args:
            count: The number of newly completed steps.
            text: The name of the latest step.
        """

    def note(self, text: str) -> None:
        """Report a message that should stay visible on the screen or in the log."""


class SilentReporter:
    """Ignores all progress reports."""

    def stage(self, text: str, total: int | None) -> None:
        """Ignore the start of a stage."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """Ignore completed steps."""

    def note(self, text: str) -> None:
        """Ignore the message."""
