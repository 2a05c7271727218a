"""A clock for tests. Waits move the clock forward but take no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from headway.forges.wait_policy import WaitPolicy


class Clock:
    """A clock that records waits. Tests pass its `wait_policy` to a source."""

    def __init__(self, deadline: timedelta | None = timedelta(hours=2)) -> None:
        self.time = datetime.now(UTC).replace(microsecond=0)
        self.waits: list[tuple[str, datetime]] = []
        """The reason and end time of each announced wait."""
        self.wait_policy = WaitPolicy(
            lambda: self.time,
            self._sleep,
            lambda reason, until: self.waits.append((reason, until)),
            self.time + deadline if deadline else None,
        )

    def _sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
