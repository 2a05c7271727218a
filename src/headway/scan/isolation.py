"""Call scanners in processes of their own, after one of them has harmed its worker.

A scanner that lowers a limit of its process, closes files or replaces functions of the standard
library would also change what other rules find. A call in a process of its own can change nothing
else. It takes a few milliseconds, so scans call scanners in this way only if they must.
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
"""Maximum number of crashes of one scanner in one repository; then all of its rules fail. Each
crash may take as long as `scanner_seconds`."""

_T = TypeVar("_T")


class Failure(NamedTuple):
    """Why a scanner has no answer."""

    kind: UnreadKind | None
    """None if the scanner cannot be used at all, for any input."""
    reason: str


class Isolation:
    """Calls scanners in processes of their own, which have limits."""

    def __init__(self, seconds: float, limits: ProcessLimits) -> None:
        """Prepare to call.

        Args:
            seconds: The timeout of one call.
            limits: The limits of each process.
        """
        self._seconds = seconds
        self._limits = limits
        self._crashes: Counter[str] = Counter()

    def call(self, scanner: str, ask: Callable[[], _T]) -> _T | Failure:
        """Return the answer of a scanner, or why it has none."""
        if self._crashes[scanner] >= MAX_CRASHES:
            return Failure(None, f"scanner {scanner}: its process died {MAX_CRASHES} times")
        try:
            return call_contained(ask, self._seconds, self._limits)
        except (CallLostError, CallFailedError) as error:
            self._crashes[scanner] += 1
            return Failure("crashed", f"scanner {scanner}: {error}")


def isolation_of(job: Job) -> Isolation | None:
    """Return the isolation that a job needs; None if it needs none."""
    if not job.isolated:
        return None
    limits = job.limits
    return Isolation(limits.scanner_seconds, ProcessLimits(limits.memory_bytes))
