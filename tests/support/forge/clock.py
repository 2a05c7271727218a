"""A clock for tests. Waits move the clock forward but take no time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from headway.forges import source_plugin
from headway.forges.wait_policy import WaitPolicy


class Clock:
    """A clock that records waits. Tests pass its `wait_policy` to a source."""

    def __init__(self, deadline: timedelta | None = timedelta(hours=2)) -> None:
        self.time = datetime.now(UTC).replace(microsecond=0)
        self.waits: list[tuple[str, datetime]] = []
        """The reason and end time of each announced wait."""
        self.wait_policy = WaitPolicy(
            lambda: self.time,
            self.sleep,
            lambda reason, until: self.waits.append((reason, until)),
            self.time + deadline if deadline else None,
        )

    def sleep(self, seconds: float) -> None:
        """Move the clock forward."""
        self.time += timedelta(seconds=seconds)


@contextlib.contextmanager
def virtual_waits() -> Iterator[Clock]:
    """Let sources created during the block wait on one test clock, without real delays."""
    clock = Clock()
    with (
        patch.object(source_plugin, "_now", lambda: clock.time),
        patch.object(source_plugin, "time", SimpleNamespace(sleep=clock.sleep)),
    ):
        yield clock
