"""Which repositories are in scope from when to when: known only at scans, so booked at scans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from headway.model.days import ONE_DAY
from headway.model.store_records import MembershipSpan


def include(
    spans: Sequence[MembershipSpan],
    *,
    today: date,
    last_scan: date | None,
    first_commit_on: date | None,
) -> list[MembershipSpan]:
    """The spans of a repository that is in scope today.

    last_scan: the campaign's scan before this one, or None at its first: then the repository
    counts from its first commit. So does one whose first commit is no older than the last scan;
    any other enters today.
    """
    if not spans:
        younger = first_commit_on is not None and (
            last_scan is not None and first_commit_on >= last_scan
        )
        first = None if last_scan is None or younger else today
        return [MembershipSpan(first, None, "")]
    last = spans[-1]
    if last.last is None:
        return list(spans)
    if last.last >= today - ONE_DAY:
        # it was left out earlier today: as if that had not been
        return [*spans[:-1], MembershipSpan(last.first, None, "")]
    return [*spans, MembershipSpan(today, None, "")]


def exclude(spans: Sequence[MembershipSpan], *, today: date, reason: str) -> list[MembershipSpan]:
    """The spans of a repository that is not in scope today; its last day was yesterday."""
    if not spans or spans[-1].last is not None:
        return list(spans)
    last = spans[-1]
    if last.first == today:
        return list(spans[:-1])
    return [*spans[:-1], MembershipSpan(last.first, today - ONE_DAY, reason)]
