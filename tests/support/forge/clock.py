"""A clock for tests: a wait moves it forward and takes no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from headway.forges.wait_policy import WaitPolicy


class Clock:
    """A clock that records waits; its `wait_policy` is for a source."""

    def __init__(self, deadline: timedelta | None = timedelta(hours=2)) -> None:
        self.time = datetime.now(UTC).replace(microsecond=0)
        self.waits: list[tuple[str, datetime]] = []
        """Reason and end of each wait that was announced."""
        self.wait_policy = WaitPolicy(
            lambda: self.time,
            self._sleep,
            lambda reason, until: self.waits.append((reason, until)),
            self.time + deadline if deadline else None,
        )

    def _sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
