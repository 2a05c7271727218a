"""Find repositories that became unknown, entered scope or left scope in a period."""

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
    open_items: Mapping[str, int],
    first: date,
    last: date,
) -> tuple[Unseen, ...]:
    """Return the spans of unknown days of each repository in a period, unfinished spans first.

    Args:
        observed_states: The states observed by scans, by repository key.
        unknowns: The repositories in scope whose state is still unknown, by key.
        names: The repository names by repository key.
        open_items: The number of open items in the last known state, by repository key.
        first: The first day of the period.
        last: The last day of the period (inclusive).
    """
    found: list[tuple[str, str, date, date | None]] = []
    for key, states in observed_states.items():
        for since, until, reason in unknown_times(states, last):
            if until is not None and until >= first:
                found.append((key, reason, since, until))
    for key, record in unknowns.items():
        if record.since <= last:
            found.append((key, record.reason, record.since, None))
    rows = [
        Unseen(names[key], reason, since, until, open_items.get(key, 0), since >= first)
        for key, reason, since, until in found
    ]
    return tuple(sorted(rows, key=lambda row: (row.until is not None, row.since, row.repository)))


def unknown_times(
    observed_states: Iterable[ObservedState], last: date
) -> Iterator[tuple[date, date | None, str]]:
    """Yield (first unknown day, next known day, reason) for each unknown span.

    The next known day is None if the state is still unknown. States observed after `last` are
    ignored.
    """
    since: date | None = None
    reason = ""
    for observed in observed_states:
        if observed.day > last:
            break
        if observed.state == "unknown":
            since = since or observed.day
            reason = observed.reason or reason
        elif since is not None:
            yield since, observed.day, reason
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
    """Return the repositories that entered scope in a period, and those that left scope.

    A repository that was in scope from the beginning did not enter scope. Neither did a new
    repository, which was created after the last scan that did not list it.

    Args:
        spans: The days on which each repository was in scope, by repository key.
        names: The repository names by repository key.
        moves: The changes in the period, by repository key.
        first: The first day of the period.
        last: The last day of the period (inclusive).
    """
    added, removed = [], []
    for key, spans_of_repository in spans.items():
        moved = moves.get(key, Moves())
        for span in spans_of_repository:
            if span.first is not None and first <= span.first <= last:
                added.append(ScopeChange(names[key], span.first, moved.scope_added, None))
            if span.last is not None and first <= span.last + ONE_DAY <= last:
                removed.append(
                    ScopeChange(names[key], span.last + ONE_DAY, moved.scope_removed, span.reason)
                )
    return _ordered(added), _ordered(removed)


def _ordered(changes: Iterable[ScopeChange]) -> tuple[ScopeChange, ...]:
    return tuple(sorted(changes, key=lambda change: (-change.items, change.day, change.repository)))
