"""What hosts use on their machine: the workspace, its plugins, and a collector of messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from headway.config.workspace import Workspace
from headway.forges.source import Source
from headway.plugins import Scanners


class Notes:
    """A `ProgressReporter` that collects the messages for the coordinator."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def stage(self, text: str, total: int | None) -> None:
        """Ignore the start of a stage."""

    def advance(self, count: int = 1, text: str = "") -> None:
        """Ignore completed steps."""

    def note(self, text: str) -> None:
        """Collect a message."""
        self._texts.append(text)

    def waiting(self, reason: str, until: datetime) -> None:
        """Collect a message about a wait for a forge."""
        self.note(f"waiting until {until:%H:%M:%S} UTC: {reason}")

    def take(self) -> tuple[str, ...]:
        """Return the messages since the last call."""
        taken, self._texts = self._texts, []
        return tuple(taken)


@dataclass(frozen=True, slots=True)
class Machine:
    """The workspace, the plugins and the cache that a host uses on its machine."""

    name: str
    workspace: Workspace
    scanners: Scanners
    sources: tuple[Source, ...]
    cache: Path
    """The folder with the mirrors of all hosts on this machine."""
    clock: Callable[[], datetime]
    notes: Notes = field(default_factory=Notes)
