"""How a scan tells whoever watches it how far it is."""

from __future__ import annotations

from typing import Protocol


class ProgressReporter(Protocol):
    """Told from one thread."""

    def stage(self, text: str, total: int | None) -> None:
        """A new stage begins; `total` steps, None when nobody knows."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """`count` more steps are done; `text` names the latest."""

    def note(self, text: str) -> None:
        """Something worth keeping on the screen or in the log."""


class SilentReporter:
    """For whoever does not want to be told."""

    def stage(self, text: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""
