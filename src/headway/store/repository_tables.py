"""Repositories, as last listed, and all their names over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from headway.model.repository import Repository
from headway.model.store_records import RepositoryRecord
from headway.store.connection import StorePart

_RENAMED = {"groups": "owner_groups"}
"""Maps fields to columns with different names. GROUPS is an SQL keyword."""
_LISTED = tuple(field.name for field in fields(Repository) if field.compare)
_SCANNED = tuple(field.name for field in fields(RepositoryRecord) if field.name != "listed")
_LISTS = frozenset(("topics", "languages", "groups"))
"""Fields with lists as values. The store joins the entries of a list with newlines."""
_COLUMNS = ", ".join(f'"{_RENAMED.get(name, name)}" AS "{name}"' for name in (*_LISTED, *_SCANNED))


class RepositoryTables(StorePart):
    """Reads repositories."""

    def records(self, keys: Iterable[str] | None = None) -> dict[str, RepositoryRecord]:
        """Return the records of repositories by key.

        Args:
            keys: The keys of the repositories to read. None means all repositories ever listed.
        """
        rows = self._tuples(
            f"SELECT {_COLUMNS} FROM repository "  # noqa: S608 - column names of ours
            "WHERE $keys IS NULL OR list_contains($keys, key)",
            {"keys": None if keys is None else sorted(keys)},
        )
        records = map(_record, rows)
        return {record.listed.key: record for record in records}

    def names(self) -> dict[str, str]:
        """Return the names of all repositories ever listed, by repository key."""
        return dict(self._rows("SELECT key, name FROM repository"))


class RepositoryWriter(RepositoryTables):
    """Writes repositories."""

    def put_records(
        self,
        records: Mapping[str, RepositoryRecord],
        before: Mapping[str, RepositoryRecord],
        today: date,
    ) -> None:
        """Replace all repositories, and record new names with the day on which they appeared.

        Args:
            records: The repositories by key.
            before: The repositories in the store.
            today: The day of the scan.
        """
        if dict(records) != dict(before):
            self._replace("repository", [_row(record) for record in records.values()])
        names = [
            (key, record.listed.name, today)
            for key, record in sorted(records.items())
            if key not in before or before[key].listed.name != record.listed.name
        ]
        self._append("repository_name", names)

    def confirm_gone(self, keys: Iterable[str]) -> None:
        """Record the user's confirmation that these missing repositories are gone."""
        self._connection.execute(
            "UPDATE repository SET gone_confirmed = TRUE WHERE list_contains($keys, key)",
            {"keys": sorted(keys)},
        )


def _record(row: tuple[Any, ...]) -> RepositoryRecord:
    listed = dict(zip(_LISTED, row, strict=False))
    for name in _LISTS:
        listed[name] = tuple(listed[name].split("\n")) if listed[name] else ()
    scanned = dict(zip(_SCANNED, row[len(_LISTED) :], strict=True))
    return RepositoryRecord(Repository(**listed), **scanned)


def _row(record: RepositoryRecord) -> tuple[Any, ...]:
    listed = (
        "\n".join(value) if name in _LISTS else value
        for name in _LISTED
        for value in [getattr(record.listed, name)]
    )
    return (*listed, *(getattr(record, name) for name in _SCANNED))
