"""Gaps: versions of a file that a rule could not read, each until the next version of that file.

In a gap, the items of that rule at that path keep their state: nothing is opened or closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from headway.model.days import ONE_DAY
from headway.model.store_records import GapSpan, UnknownRecord
from headway.progress.opening import Landing

ALL_PATHS = ""
"""The path of a gap of a rule that matches a whole list of paths."""

UnreadKind = Literal["unreadable", "too large", "failed", "crashed"]


class Unread(NamedTuple):
    """Why a rule could not read one version of a file."""

    kind: UnreadKind
    """`unreadable`: git cannot read the content. `too large`: it is over the limit. `failed`: the
    scanner raised an exception. `crashed`: the scanner ended its process or exceeded a limit."""
    reason: str
    """A clause that says what happened."""
    blob: str
    """Id of the content; empty if the rule does not match contents."""
    limit: str = ""
    """For `too large`, the size in bytes. For `crashed`, the limits that were in force; another
    attempt can succeed when they have changed."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One version of a file that a rule could not read."""

    path: str
    """Empty for a rule that matches a whole list of paths."""
    unread: Unread
    opened_at: int
    """Landing time of `opened_commit`, in seconds since 1970 UTC."""
    opened_on: date
    opened_commit: str
    """The commit with this version."""
    at_baseline: bool
    """Whether the walk began with this version, so that the gap began at that commit or earlier."""
    closed_at: int | None = None
    """Landing time of `closed_commit`; None, as the other two, if there is no later version."""
    closed_on: date | None = None
    closed_commit: str | None = None
    """The commit with the next version."""


class GapTracker:
    """Follows the gaps of one rule through the commits of one repository.

    Args:
        gaps: all gaps known so far.
    """

    def __init__(self, gaps: Iterable[Gap] = ()) -> None:
        self._closed: list[Gap] = []
        self._open: dict[str, Gap] = {}
        for gap in gaps:
            if gap.closed_at is None:
                self._open[gap.path] = gap
            else:
                self._closed.append(gap)
        self.has_changed = False
        """Whether a gap was opened or closed."""

    @property
    def open_paths(self) -> Collection[str]:
        """The paths whose latest version could not be read."""
        return self._open.keys()

    @property
    def count(self) -> int:
        """The number of gaps."""
        return len(self._closed) + len(self._open)

    @property
    def all(self) -> tuple[Gap, ...]:
        """All gaps; those that are open come last."""
        return (*self._closed, *(self._open[path] for path in sorted(self._open)))

    def begin(self, landing: Landing, unread: Mapping[str, Unread]) -> None:
        """Take the commit at which the walk begins.

        Args:
            landing: the commit.
            unread: each path that could not be read, and why.
        """
        self._open_all(landing, unread, at_baseline=True)

    def advance(
        self, landing: Landing, changed: Iterable[str], unread: Mapping[str, Unread]
    ) -> None:
        """Take the next commit.

        Args:
            landing: the commit.
            changed: the paths that it changed, including those in `unread`.
            unread: each path that could not be read, and why.
        """
        opened = dict(unread)
        for path in sorted(self._open.keys() & set(changed)):
            if path in opened and self._open[path].unread.blob == opened[path].blob:
                # only the mode of the file has changed
                del opened[path]
                continue
            self._closed.append(
                replace(
                    self._open.pop(path),
                    closed_at=landing.landed_at,
                    closed_on=landing.day,
                    closed_commit=landing.commit,
                )
            )
            self.has_changed = True
        self._open_all(landing, opened, at_baseline=False)

    def _open_all(
        self, landing: Landing, unread: Mapping[str, Unread], *, at_baseline: bool
    ) -> None:
        for path, why in unread.items():
            self._open[path] = Gap(
                path, why, landing.landed_at, landing.day, landing.commit, at_baseline
            )
            self.has_changed = True


def unknown_on(spans: Iterable[GapSpan], day: date) -> dict[tuple[str, str], UnknownRecord]:
    """(campaign, repository) to why it is unknown at the end of a day: a gap was open then."""
    open_spans: dict[tuple[str, str], list[GapSpan]] = defaultdict(list)
    for span in spans:
        if span.opened_on <= day and (span.closed_on is None or span.closed_on > day):
            open_spans[span.campaign, span.repository].append(span)
    return {pair: _unknown(members) for pair, members in open_spans.items()}


def _unknown(spans: Iterable[GapSpan]) -> UnknownRecord:
    """The record of a repository with these open gaps."""
    ordered = sorted(spans, key=lambda span: (span.opened_on, not span.at_baseline, span.rule))
    first, versions = ordered[0], sum(span.versions for span in ordered)
    known_until = None if any(span.at_baseline for span in ordered) else first.opened_on - ONE_DAY
    more = f" (and {versions - 1} more)" if versions > 1 else ""
    return UnknownRecord(f"{gap_reason(first)}{more}", first.opened_on, known_until)


def gap_reason(span: GapSpan) -> str:
    """What could not be read, from which commit on, and why."""
    return (
        f"rule {span.rule}: {span.path or 'the list of paths'} could not be read at commit "
        f"{span.opened_commit[:12]}: {span.reason}"
    )
