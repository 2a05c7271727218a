"""The log of scans, and the latest listing of each source."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date, datetime
from typing import NamedTuple

from headway.model.store_records import ScanRecord
from headway.store.connection import StorePart


class LastScan(NamedTuple):
    """The latest scan."""

    finished_at: datetime
    """The end of the scan in UTC, without a time zone."""
    today: date
    """The date that the scan used as today."""


class ScanTables(StorePart):
    """Reads the scan log."""

    def last(self) -> LastScan | None:
        """Return the latest scan, or None before the first scan."""
        rows = self._rows("SELECT finished_at, today FROM scan ORDER BY id DESC LIMIT 1")
        return LastScan._make(rows[0]) if rows else None

    def last_before(self, day: date) -> date | None:
        """Return the latest scan day before `day`, or None without an earlier scan."""
        rows = self._rows("SELECT max(today) AS day FROM scan WHERE today < ?", [day])
        found: date | None = rows[0].day
        return found

    def source_notes(self) -> tuple[str, ...]:
        """Return the sentences about the sources' latest complete listings."""
        rows = self._rows("SELECT problems FROM source WHERE problems <> '' ORDER BY id")
        return tuple(row.problems for row in rows)


class ScanLogWriter(ScanTables):
    """Writes the scan log."""

    def put_source(self, source: str, day: date, complete: bool, count: int, note: str) -> None:
        """Replace the record of a source's latest complete listing."""
        self._connection.execute("DELETE FROM source WHERE id = ?", [source])
        self._append("source", [(source, day, complete, count, note)])

    def add(self, scan: ScanRecord) -> None:
        """Add one scan to the scan log."""
        number = self._rows("SELECT coalesce(max(id), 0) + 1 AS number FROM scan")[0].number
        # The table's columns are the record's fields. The times in the table have no time zone.
        values = (
            value.replace(tzinfo=None) if isinstance(value, datetime) else value
            for value in astuple(scan)
        )
        self._append("scan", [(number, *values)])
