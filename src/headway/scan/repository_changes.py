"""Describe changes to repositories between two scans, for example renames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headway.model.store_records import RepositoryRecord


def changes(
    before: Mapping[str, RepositoryRecord],
    now: Mapping[str, RepositoryRecord],
    departures: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """Yield (key, description) for each change to a known repository, sorted by key.

    Repositories are compared by key, so a new repository with an old name is not a change.

    Args:
        before: Repositories before the scan, by repository key.
        now: Repositories after the scan, by repository key.
        departures: The reasons why repositories are gone, by key.
    """
    for key in sorted(before.keys() & now.keys()):
        for text in _changes_of(before[key], now[key], departures.get(key, "")):
            yield key, text


def _changes_of(before: RepositoryRecord, now: RepositoryRecord, departure: str) -> Iterator[str]:
    old, new = before.listed, now.listed
    if now.gone_on is not None:
        if before.gone_on is None:
            yield f"{new.name} is gone{departure and f': {departure}'}"
        return
    if before.gone_on is not None:
        yield f"{new.name} is back"
    if old.name != new.name:
        yield f"{old.name} is now {new.name}"
    branches = old.default_branch, new.default_branch
    if None not in branches and branches[0] != branches[1]:
        yield f"{new.name}: the default branch changed from {branches[0]} to {branches[1]}"
    if old.archived != new.archived:
        yield f"{new.name} was {'archived' if new.archived else 'unarchived'}"
    if old.empty != new.empty:
        yield f"{new.name} is {'now' if new.empty else 'no longer'} empty"
    if old.fork != new.fork:
        yield f"{new.name} is {'now' if new.fork else 'no longer'} a fork"
    if old.disabled != new.disabled:
        yield f"{new.name} was {'disabled' if new.disabled else 'enabled again'}"
    if old.visibility != new.visibility and "unknown" not in (old.visibility, new.visibility):
        yield f"{new.name} is now {new.visibility} instead of {old.visibility}"
