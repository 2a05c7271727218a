"""Search the blobs that a walk will need next, in otherwise idle processes.

While a walk follows the items through one group of commits, helper processes search the blobs of
the next group, and add the matches to the match cache, where the walk finds them. The helpers only
save time. If they fail or are killed, the walk searches the remaining blobs itself. The result is
therefore the same with any number of helpers.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TypeVar

from headway.git.objects import UnreadError
from headway.model.limits import Limits
from headway.process_tree import die_with_parent
from headway.scan.blob_search import BlobSearch, Errors
from headway.scan.blobs_to_read import Place, Reading, Work
from headway.scan.job import Job, crashed_rules
from headway.scan.known_matches import KnownMatches
from headway.scan.matching import Hits, Matcher, RuleSet
from headway.workers.active_rule import SLOTS, share_slots
from headway.workers.process_slots import ProcessSlots
from headway.workers.worker_process import has_single_thread

_WINDOW = 10_000
"""The number of changed files in a group, if helpers can search the next group. In larger groups,
the helpers and the walk would wait longer for each other.
"""
_FEWEST_BLOBS = 500
"""The minimum number of blobs for each helper. With fewer blobs, starting a helper would take more
time than it saves.
"""
_SHARE_WITH_ONE_HELPER = 0.25
"""The number of blobs that the walk searches for each blob of its only helper. Searching takes
longer than following the items, so the walk would otherwise wait. With several helpers, following
the items takes longer.
"""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Helper:
    process: int
    pipe: int
    """A pipe that reaches its end when the process ends."""


class SearchAhead:
    """The helpers of one walk. They run only shipped scanners."""

    def __init__(self, job: Job, matcher: Matcher, known: KnownMatches | None) -> None:
        self._job = job
        self._matcher = matcher
        self._known = known if known is not None and known.adds and matcher.together else None
        """The matches to which helpers add theirs, or None if the walk cannot use helpers."""
        self._slots = job.slots
        self._crashed = crashed_rules(job)
        self._helpers: list[_Helper] = []

    def window(self) -> int:
        """Return the number of changed files to read as one group."""
        largest = self._job.limits.window
        if self._known is None or self._slots is None or not self._slots.has_free():
            return largest
        return min(_WINDOW, largest)

    def through(
        self,
        windows: Iterator[_T],
        work_of: Callable[[_T], Work],
        *,
        alone: Callable[[_T], bool] = lambda _: False,
    ) -> Iterator[_T]:
        """Yield each group while helpers search the next one.

        Args:
            windows: Groups of commits or files.
            work_of: Returns the blobs that a group needs.
            alone: Returns whether the caller must finish with a group before the next one is read.
        """
        current = next(windows, None)
        if current is None:
            return
        if self._known is None or self._slots is None:
            # Without helpers, hold only one group in memory.
            yield current
            yield from windows
            return
        try:
            self._begin(partial(work_of, current), take_part=True)
            while current is not None:
                self._finish()
                if alone(current):
                    yield current
                    following = next(windows, None)
                else:
                    following = next(windows, None)
                    if following is not None:
                        self._begin(partial(work_of, following))
                    yield current
                current = following
        finally:
            self._stop()

    def _begin(self, plan: Callable[[], Work], *, take_part: bool = False) -> None:
        """Start helpers that search the planned blobs, if slots are free.

        If `take_part` is true or only one helper starts, this process searches a part of the blobs.
        """
        known, slots = self._known, self._slots
        if known is None or slots is None or not slots.has_free() or not has_single_thread():
            return
        work = known.part_of(plan(), leave=self._crashed)
        taken = _take_slots(slots, len(work) // _FEWEST_BLOBS - take_part)
        if not taken:
            return
        known.save()  # Otherwise, each helper would write the same matches again.
        # Versions of one path are searched together; see `BlobSearch`.
        blobs = sorted(work, key=lambda blob: work[blob].path)
        share = 1.0 if take_part else _SHARE_WITH_ONE_HELPER if len(taken) == 1 else 0.0
        size = ceil(len(blobs) / (len(taken) + share))
        parts = [
            {blob: work[blob] for blob in blobs[first : first + size]}
            for first in range(0, len(blobs), size)
        ]
        for part in parts[: len(taken)]:
            self._start(known, part)
        for slot in taken:
            os.close(slot)
        for part in parts[len(taken) :]:
            self._search(known, part)

    def _start(self, known: KnownMatches, work: Work) -> None:
        """Start a helper. The inherited slots are free when all helpers have ended."""
        reader, writer = os.pipe()
        walk = os.getpid()
        try:
            process = os.fork()
        except OSError:
            os.close(reader)
            os.close(writer)
            return
        if process == 0:
            code = 1
            with contextlib.suppress(BaseException):
                die_with_parent(walk)
                # The coordinator must not mistake the work of this process for that of the walk.
                share_slots([0] * SLOTS)
                self._search(known, work)
                code = 0
            os._exit(code)
        os.close(writer)
        self._helpers.append(_Helper(process, reader))

    def _search(self, known: KnownMatches, work: Work) -> None:
        """Search blobs, and write the matches to the match cache."""
        for _ in known.take_from(work, leave=()):
            pass  # Known matches need no search.
        answers = _Answers(known, self._matcher)
        BlobSearch(self._matcher, self._job.git_dir, self._job.limits, answers).run(work)
        known.save()

    def _finish(self) -> None:
        """Wait for all helpers. Kill those that exceed the time limit of a scanner."""
        for helper in self._helpers:
            select.select([helper.pipe], [], [], _longest_wait(self._job.limits))
        self._stop()

    def _stop(self) -> None:
        while self._helpers:
            helper = self._helpers.pop()
            os.close(helper.pipe)
            os.kill(helper.process, signal.SIGKILL)
            os.waitpid(helper.process, 0)


def _longest_wait(limits: Limits) -> float:
    """Return the maximum time to wait for a helper, in seconds."""
    return limits.scanner_seconds


def _take_slots(slots: ProcessSlots, most: int) -> list[int]:
    taken: list[int] = []
    with contextlib.suppress(OSError):
        while len(taken) < most and (slot := slots.take()) is not None:
            taken.append(slot)
    return taken


class _Answers:
    """Stores the matches that a helper finds. The walk itself finds and reports all problems."""

    def __init__(self, known: KnownMatches, matcher: Matcher) -> None:
        self._known = known
        self._matcher = matcher
        self._binary: set[str] = set()

    def see_binary(self, blob: str) -> None:
        """Record that a blob is binary."""
        self._binary.add(blob)

    def keep(self, place: Place, rules: RuleSet, hits: Hits, errors: Errors) -> None:
        """Store the matches, unless any rule has failed."""
        if not errors and not self._matcher.failures:
            self._known.add(place, rules, hits, is_binary=place[0] in self._binary)

    def fail_to_read(self, blob: str, reading: Reading, error: UnreadError) -> None:
        """Do nothing."""

    def skip_crashed(self, blob: str, reading: Reading) -> None:
        """Do nothing: the blobs on which scanners crash are left to the walk."""
