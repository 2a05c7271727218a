"""What happened to repositories between two scans: renamed, archived, gone, back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headway.model.store_records import RepositoryRecord


def changes(
    before: Mapping[str, RepositoryRecord], now: Mapping[str, RepositoryRecord]
) -> Iterator[tuple[str, str]]:
    """(key, what happened) of each repository that was known before, by key.

    A repository is the same one as long as its key is: another with its old name is a new one.
    """
    for key in sorted(before.keys() & now.keys()):
        for text in _changes_of(before[key], now[key]):
            yield key, text


def _changes_of(before: RepositoryRecord, now: RepositoryRecord) -> Iterator[str]:
    old, new = before.listed, now.listed
    if now.gone_on is not None:
        if before.gone_on is None:
            yield f"{new.name} is gone"
        return
    if before.gone_on is not None:
        yield f"{new.name} is back"
    if old.name != new.name:
        yield f"{old.name} is now {new.name}"
    branches = old.default_branch, new.default_branch
    if None not in branches and branches[0] != branches[1]:
        yield f"{new.name}: the default branch {branches[0]} is now {branches[1]}"
    if old.archived != new.archived:
        yield f"{new.name} was {'archived' if new.archived else 'taken out of the archive'}"
