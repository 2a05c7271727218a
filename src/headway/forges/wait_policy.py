"""Waits for a forge. Every wait is announced and must end before a deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headway.forges.forge_errors import WaitTooLong

_LONGEST_SLEEP = 30.0


def ignore_wait(_reason: str, _until: datetime) -> None:
    """Do not announce the wait. This is the default for `on_wait`."""


@dataclass(frozen=True, slots=True)
class WaitPolicy:
    """A source's policy for waiting for its forge."""

    now: Callable[[], datetime]
    """Returns the current time in UTC."""
    sleep: Callable[[float], None]
    """Sleeps for a number of seconds."""
    on_wait: Callable[[str, datetime], None] = ignore_wait
    """Called before each wait, with the reason and the end of the wait."""
    deadline: datetime | None = None
    """The latest time at which a wait can end. None means no limit."""

    def wait(self, reason: str, until: datetime, *, repository: str | None = None) -> None:
        """Wait until `until`. Raise `WaitTooLong` if this is after the deadline.

        Args:
            reason: The reason for the wait, as a phrase.
            until: The end of the wait, in UTC.
            repository: The name of the repository that must wait, or None if all requests must
                wait.
        """
        if self.deadline is not None and until > self.deadline:
            raise WaitTooLong(reason, until, self.deadline)
        if until <= self.now():
            return
        self.on_wait(f"{repository}: {reason}" if repository else reason, until)
        # Read the clock after each sleep, because a sleep does not count time while the machine is
        # suspended.
        while (seconds := (until - self.now()).total_seconds()) > 0:
            self.sleep(min(seconds, _LONGEST_SLEEP))
