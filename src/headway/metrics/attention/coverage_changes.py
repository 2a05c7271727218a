"""What became unknown or is known again, and which repositories came into scope or left it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from headway.metrics.attention.attention_records import Moves, ScopeChange, Unseen
from headway.model.days import ONE_DAY
from headway.model.store_records import MembershipSpan, ObservedState, UnknownRecord


def unseen(
    observed_states: Mapping[str, Sequence[ObservedState]],
    unknowns: Mapping[str, UnknownRecord],
    names: Mapping[str, str],
    opened: Mapping[str, int],
    first: date,
    last: date,
) -> tuple[Unseen, ...]:
    """What is unknown on `last`, and what ceased to be from `first` on; the longest first.

    sightings: repository to what scans saw. unknowns: what is unknown by the latest scan, for the
    members of the scope. opened: what was last seen open.
    """
    found: list[tuple[str, str, date, date | None]] = []
    for key, its in observed_states.items():
        for begins, ends, reason in dark_times(its, last):
            if ends is not None and ends >= first:
                found.append((key, reason, begins, ends))
    for key, record in unknowns.items():
        if record.since <= last:
            found.append((key, record.reason, record.since, None))
    rows = [
        Unseen(names[key], reason, since, until, opened.get(key, 0), since >= first)
        for key, reason, since, until in found
    ]
    return tuple(sorted(rows, key=lambda row: (row.until is not None, row.since, row.repository)))


def dark_times(
    observed_states: Iterable[ObservedState], last: date
) -> Iterator[tuple[date, date | None, str]]:
    """(first day unknown, first day known again or None, reason) of each such time, oldest first.

    What was seen after `last` is left out.
    """
    since: date | None = None
    reason = ""
    for each in observed_states:
        if each.day > last:
            break
        if each.state == "unknown":
            since = since or each.day
            reason = each.reason or reason
        elif since is not None:
            yield since, each.day, reason
            since = None
    if since is not None:
        yield since, None, reason


def scope_changes(
    spans: Mapping[str, Sequence[MembershipSpan]],
    names: Mapping[str, str],
    moves: Mapping[str, Moves],
    first: date,
    last: date,
) -> tuple[tuple[ScopeChange, ...], tuple[ScopeChange, ...]]:
    """(repositories that entered the scope, those that left it) from `first` to `last`.

    What enters at a campaign's first scan, or is younger than the scan before, did not change the
    scope. moves: by repository, of the same days.
    """
    came, went = [], []
    for key, its in spans.items():
        moved = moves.get(key, Moves())
        for span in its:
            if span.first is not None and first <= span.first <= last:
                came.append(ScopeChange(names[key], span.first, moved.scope_added, None))
            if span.last is not None and first <= span.last + ONE_DAY <= last:
                went.append(
                    ScopeChange(names[key], span.last + ONE_DAY, moved.scope_removed, span.reason)
                )
    return _ordered(came), _ordered(went)


def _ordered(changes: Iterable[ScopeChange]) -> tuple[ScopeChange, ...]:
    return tuple(sorted(changes, key=lambda each: (-each.items, each.day, each.repository)))
