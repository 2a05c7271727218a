"""Record the user's confirmation that missing repositories are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from headway.errors import HeadwayError
from headway.model.store_records import RepositoryRecord
from headway.store.store_writer import write_scan


class NotMissingError(HeadwayError):
    """A repository cannot be confirmed as gone, because no listing lacks it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not missing from the listings; `headway status --by repository` shows the "
            "repositories that are not visible."
        )


def confirm_gone(store: Path, names: Sequence[str], now: datetime) -> None:
    """Record that repositories are gone. The next scan then counts them as gone.

    Args:
        store: The database file.
        names: The names or keys of missing repositories.
        now: The time to record in the store's lock, in UTC.

    Raises:
        NotMissingError: A name or key does not belong to a missing repository.
    """
    with write_scan(store, now) as writer:
        missing = _missing_keys(writer.repositories.records())
        for name in names:
            if name not in missing:
                raise NotMissingError(name)
        writer.repositories.confirm_gone({missing[name] for name in names})


def _missing_keys(records: Mapping[str, RepositoryRecord]) -> dict[str, str]:
    """Map the name and the key of each missing repository to its key."""
    missing = {
        key: record
        for key, record in records.items()
        if record.missing_days and record.gone_on is None
    }
    return {record.listed.name: key for key, record in missing.items()} | {
        key: key for key in missing
    }
