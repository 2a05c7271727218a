"""Waiting for a forge: politely, visibly, and never past the deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headway.forges.forge_errors import WaitTooLong

_SLICE = 30.0


def _nobody(_reason: str, _until: datetime) -> None:
    """Hears of waits and does nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a source spends time.

    now: the time in UTC, with its time zone. sleep: takes seconds. waiting: told before each
    pause why and until when. deadline: no pause goes beyond it; None means that any is taken.
    """

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    waiting: Callable[[str, datetime], None] = _nobody
    deadline: datetime | None = None

    def wait(self, reason: str, until: datetime) -> None:
        """Returns at `until`, at once when that is past; raises `WaitTooLong`."""
        if self.deadline is not None and until > self.deadline:
            raise WaitTooLong(reason, until, self.deadline)
        if until <= self.now():
            return
        self.waiting(reason, until)
        # in slices: after a suspended machine wakes up, the clock and not the count decides
        while (left := (until - self.now()).total_seconds()) > 0:
            self.sleep(min(left, _SLICE))
