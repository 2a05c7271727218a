"""Track gaps. A gap is a version of a file that a rule could not read.

A gap lasts until the next version. During a gap, the rule's items at this path keep their state, so
none is opened or closed.
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
"""The path of a gap for a rule that searches the list of all paths."""

UnreadKind = Literal["unreadable", "too large", "failed", "crashed"]


class Unread(NamedTuple):
    """The reason why a rule could not read one version of a file."""

    kind: UnreadKind
    """The kind of failure. `unreadable`: git cannot read the content. `too large`: the content
    exceeds the size limit. `failed`: the scanner raised an exception. `crashed`: the scanner ended
    its process or exceeded a limit.
    """
    reason: str
    """A description of the failure, as a clause."""
    blob: str
    """The blob ID of the content. Empty if the rule does not read contents."""
    limit: str = ""
    """For `too large`, the size in bytes. For `crashed`, the limits in force, because another
    attempt could succeed after a change of limits.
    """


@dataclass(frozen=True, slots=True)
class Gap:
    """One version of a file that a rule could not read."""

    path: str
    """The path of the file, or `ALL_PATHS`."""
    unread: Unread
    opened_at: int
    """The landing time of `opened_commit`, in seconds since 1970 UTC."""
    opened_on: date
    opened_commit: str
    """The commit with the unreadable version."""
    at_baseline: bool
    """Whether the scanned history begins with this version. If so, the gap can be older."""
    closed_at: int | None = None
    """The landing time of `closed_commit`. Like the next two fields, None without a later version.
    """
    closed_on: date | None = None
    closed_commit: str | None = None
    """The commit with the next version."""


class GapTracker:
    """Follows the gaps of one rule through the commits of one repository.

    Args:
        gaps: All known gaps.
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
        """The paths whose latest versions could not be read."""
        return self._open.keys()

    @property
    def count(self) -> int:
        """The number of gaps."""
        return len(self._closed) + len(self._open)

    @property
    def all(self) -> tuple[Gap, ...]:
        """All gaps, with open gaps last."""
        return (*self._closed, *(self._open[path] for path in sorted(self._open)))

    def begin(self, landing: Landing, unread: Mapping[str, Unread]) -> None:
        """Open gaps at the first commit of the scanned history.

        Args:
            landing: The commit.
            unread: Maps each unreadable path to the reason.
        """
        self._open_all(landing, unread, at_baseline=True)

    def advance(
        self, landing: Landing, changed: Iterable[str], unread: Mapping[str, Unread]
    ) -> None:
        """Close gaps at the paths that the next commit changed, and open new gaps.

        Args:
            landing: The commit.
            changed: The paths that the commit changed, including those in `unread`.
            unread: Maps each unreadable path to the reason.
        """
        opened = dict(unread)
        for path in sorted(self._open.keys() & set(changed)):
            if path in opened and self._open[path].unread.blob == opened[path].blob:
                # The commit changed only the mode of the file.
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
    """Map (campaign, repository) to a record if a gap was open at the end of `day`."""
    open_spans: dict[tuple[str, str], list[GapSpan]] = defaultdict(list)
    for span in spans:
        if span.opened_on <= day and (span.closed_on is None or span.closed_on > day):
            open_spans[span.campaign, span.repository].append(span)
    return {pair: _unknown(members) for pair, members in open_spans.items()}


def _unknown(spans: Iterable[GapSpan]) -> UnknownRecord:
    """Return the record of a repository with these open gaps."""
    ordered = sorted(spans, key=lambda span: (span.opened_on, not span.at_baseline, span.rule))
    first, versions = ordered[0], sum(span.versions for span in ordered)
    known_until = None if any(span.at_baseline for span in ordered) else first.opened_on - ONE_DAY
    more = f" (and {versions - 1} more)" if versions > 1 else ""
    return UnknownRecord(f"{gap_reason(first)}{more}", first.opened_on, known_until)


def gap_reason(span: GapSpan) -> str:
    """Return a clause with the first unreadable version, its commit and the reason."""
    return (
        f"rule {span.rule}: {span.path or 'the list of paths'} could not be read at commit "
        f"{span.opened_commit[:12]}: {span.reason}"
    )
