"""Call scanners in separate processes, after a scanner has harmed its worker.

A scanner that lowers a limit of its process, closes files or replaces functions in the standard
library would also affect the matches of other rules. A call in a separate process cannot affect
anything else. Such a call takes a few milliseconds, so scans isolate scanners only if necessary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from headway.progress.gaps import UnreadKind
from headway.scan.job import Job
from headway.workers.contained_call import CallFailedError, CallLostError, call_contained
from headway.workers.sandbox import ProcessLimits

MAX_CRASHES = 4
"""All rules of a scanner fail after this number of crashes in one repository. Each crash can take
as long as `scanner_seconds`.
"""

_T = TypeVar("_T")


class Failure(NamedTuple):
    """The reason why a call to a scanner has no result."""

    kind: UnreadKind | None
    """The kind of failure, or None if the scanner cannot be used for any input."""
    reason: str


class Isolation:
    """Calls scanners in separate processes with limits."""

    def __init__(self, seconds: float, limits: ProcessLimits) -> None:
        """Prepare to call scanners.

        Args:
            seconds: The timeout of one call.
            limits: The limits of each process.
        """
        self._seconds = seconds
        self._limits = limits
        self._crashes: Counter[str] = Counter()

    def call(self, scanner: str, ask: Callable[[], _T]) -> _T | Failure:
        """Return the result of a call to a scanner, or the reason why the call has none."""
        if self._crashes[scanner] >= MAX_CRASHES:
            return Failure(None, f"scanner {scanner}: its process died {MAX_CRASHES} times")
        try:
            return call_contained(ask, self._seconds, self._limits)
        except (CallLostError, CallFailedError) as error:
            self._crashes[scanner] += 1
            return Failure("crashed", f"scanner {scanner}: {error}")


def isolation_of(job: Job) -> Isolation | None:
    """Return the isolation that a job needs, or None if it needs none."""
    if not job.isolated:
        return None
    limits = job.limits
    return Isolation(limits.scanner_seconds, ProcessLimits(limits.memory_bytes))
