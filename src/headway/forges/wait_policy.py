"""Wait for a forge: every wait is announced, and none ends after a deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headway.forges.forge_errors import WaitTooLong

_LONGEST_SLEEP = 30.0


def ignore_wait(_reason: str, _until: datetime) -> None:
    """Does not announce a wait."""


@dataclass(frozen=True, slots=True)
class WaitPolicy:
    """How a source waits, and how long at most."""

    now: Callable[[], datetime]
    """Returns the time, in UTC."""
    sleep: Callable[[float], None]
    """Takes seconds."""
    on_wait: Callable[[str, datetime], None] = ignore_wait
    """Called before each wait with its reason and its end."""
    deadline: datetime | None = None
    """No wait ends later than this; None means that there is no limit."""

    def wait(self, reason: str, until: datetime) -> None:
        """Return at `until`, or at once if that is past; raise `WaitTooLong`."""
        if self.deadline is not None and until > self.deadline:
            raise WaitTooLong(reason, until, self.deadline)
        if until <= self.now():
            return
        self.on_wait(reason, until)
        # A suspended machine stops counting seconds, so the clock is read again after each sleep.
        while (seconds := (until - self.now()).total_seconds()) > 0:
            self.sleep(min(seconds, _LONGEST_SLEEP))
