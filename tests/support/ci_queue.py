"""Start nightly jobs as a forge does: at once, or after the running job of the same group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import yaml

Job = Callable[[], None]


@dataclass
class Queue:
    """The running and the waiting jobs of one project."""

    _busy: set[str] = field(default_factory=set)
    """The groups that have a running job."""
    _waiting: list[tuple[str, Job]] = field(default_factory=list)

    def start(self, text: str, job: Job) -> None:
        """Run a job now, or let it wait until the running job of its group has ended.

        Args:
            text: The text of the workflow or pipeline, which names the group.
            job: Runs all steps. It may start further jobs, which then overlap with it.
        """
        group = group_of(text)
        if group is None:
            job()
        elif group in self._busy:
            self._waiting.append((text, job))
        else:
            self._busy.add(group)
            job()
            self._busy.remove(group)
            if self._waiting:
                self.start(*self._waiting.pop(0))


def group_of(text: str) -> str | None:
    """Return the group of a nightly job, or None. Only one job of a group runs at a time."""
    *_, document = yaml.safe_load_all(text)
    concurrency = document.get("concurrency") or {}
    group = concurrency.get("group") or document.get("headway", {}).get("resource_group")
    return str(group) if group else None
