"""The commits up to which rules have been scanned, and the openings that scans found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from headway.model.store_records import Cursor, TrackKey
from headway.progress.opening import Opening
from headway.store.connection import StagingPart, StorePart
from headway.store.row_codec import (
    beginning_of,
    beginning_text,
    match_row,
    opening_row,
    timestamp,
)
from headway.store.scope_tables import MEMBERS

_STAGED_ROWS = 50_000
"""The maximum number of rows in memory. Creating an appender takes longer than appending 1,000
rows.
"""
_SAME_TRACK = "a.campaign = b.campaign AND a.rule = b.rule AND a.repository = b.repository"
_SAME_OPENING = "a.item = b.item AND a.number = b.number"
_SIMPLE_AFRESH = "b.afresh AND b.position IS NULL"
_SETTLE = (
    ("walked", f"DELETE FROM opening a USING walked b WHERE {_SAME_TRACK} AND {_SIMPLE_AFRESH}"),  # noqa: S608 - constants
    ("touched", f"DELETE FROM opening a USING touched b WHERE {_SAME_TRACK} AND {_SAME_OPENING}"),  # noqa: S608 - constants
    (
        "touched",
        "INSERT INTO opening FROM touched ORDER BY campaign, repository, rule, item, number",
    ),
    ("walked", f"DELETE FROM matched a USING walked b WHERE {_SAME_TRACK} AND b.afresh"),  # noqa: S608 - a constant
    (
        "touched_match",
        f"DELETE FROM matched a USING touched_match b WHERE {_SAME_TRACK} AND {_SAME_OPENING}",  # noqa: S608 - constants
    ),
    (
        "touched_match",
        "INSERT INTO matched FROM touched_match ORDER BY campaign, repository, rule, item, number",
    ),
    ("walked", f"DELETE FROM cursor a USING walked b WHERE {_SAME_TRACK}"),  # noqa: S608 - a constant
    (
        "walked",
        """INSERT INTO cursor SELECT * EXCLUDE (afresh) FROM walked
        ORDER BY campaign, repository, rule""",
    ),
)


class WalkTables(StorePart):
    """Reads the cursors, which are the commits up to which rules have been scanned."""

    def cursors(self) -> dict[TrackKey, Cursor]:
        """Return the commit up to which each rule has been scanned in each repository."""
        rows = self._tuples(
            'SELECT campaign, rule, repository, fingerprint, baseline, "commit", '
            "epoch(landed_at)::BIGINT, recheck_on, cut, known_from, coalesce(binary_files, 0), "
            "position, begins FROM cursor"
        )
        return {
            TrackKey(campaign, rule, repository): Cursor._make([*values, beginning_of(begins)])
            for campaign, rule, repository, *values, begins in rows
        }

    def known_from(self, campaign: str) -> dict[str, date]:
        """Return the first day on which a repository's state is known, by repository key."""
        rows = self._rows(
            "SELECT repository, max(known_from) AS day FROM cursor "
            "WHERE campaign = ? AND known_from IS NOT NULL GROUP BY repository ORDER BY repository",
            [campaign],
        )
        return {row.repository: row.day for row in rows}

    def binary_files(self, campaign: str) -> dict[str, dict[str, int]]:
        """Return the number of binary files that rules select at the last scanned commit.

        Returns:
            Maps repository keys to the numbers by rule ID. Repositories without binary files are
                omitted.
        """
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self._rows(
            "SELECT repository, rule, binary_files FROM cursor "
            "WHERE campaign = ? AND binary_files > 0 ORDER BY repository, rule",
            [campaign],
        ):
            found[row.repository][row.rule] = row.binary_files
        return found

    def binary_files_in_scope(self, campaign: str, day: date) -> dict[str, int]:
        """Return the numbers of binary files that rules select in repositories in scope on a day.

        Returns:
            Maps rule IDs to numbers. Rules without binary files are omitted.
        """
        rows = self._tuples(
            "SELECT rule, sum(binary_files)::BIGINT FROM cursor "  # noqa: S608 - a constant
            f"WHERE campaign = $campaign AND binary_files > 0 AND repository IN ({MEMBERS}) "
            "GROUP BY rule ORDER BY rule",
            {"campaign": campaign, "day": day},
        )
        return dict(rows)

    def last_landings(self, campaign: str, until: date) -> dict[str, datetime]:
        """Return the landing time of the last scanned commit, in UTC, by repository key.

        Repositories whose last scanned commit landed after `until` are omitted.
        """
        rows = self._rows(
            "SELECT repository, max(landed_at) AS landed FROM cursor WHERE campaign = ? "
            "GROUP BY repository HAVING landed < ?::DATE + 1 ORDER BY repository",
            [campaign, until],
        )
        return {row.repository: row.landed for row in rows}


class WalkWriter(WalkTables, StagingPart):
    """Collects scan results in any order, and then stores all of them at once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        connection.execute("CREATE TEMP TABLE touched AS FROM opening LIMIT 0")
        connection.execute("CREATE TEMP TABLE touched_match AS FROM matched LIMIT 0")
        connection.execute(
            "CREATE TEMP TABLE walked AS SELECT *, false AS afresh FROM cursor LIMIT 0"
        )
        self._touched: list[tuple[Any, ...]] = []
        self._matched: list[tuple[Any, ...]] = []
        self._walked: list[tuple[Any, ...]] = []

    def stage(
        self, track: TrackKey, openings: Sequence[Opening], cursor: Cursor, *, afresh: bool
    ) -> None:
        """Collect the result of scanning one rule in one repository. `settle` stores it later.

        If the cursor has a position, the items are later derived from these openings.

        Args:
            track: The rule and repository.
            openings: New and changed openings.
            cursor: The commit up to which the rule has now been scanned.
            afresh: Whether to delete all earlier openings.
        """
        if cursor.position is None:
            self._touched += [opening_row(track, opening, "unowned") for opening in openings]
        else:
            self._matched += [match_row(track, opening) for opening in openings]
        values = cursor._asdict() | {
            "landed_at": timestamp(cursor.landed_at),
            "begins": beginning_text(cursor.begins),
        }
        self._walked.append((*track, *values.values(), afresh))
        if len(self._touched) + len(self._matched) + len(self._walked) >= _STAGED_ROWS:
            self._flush()

    def _flush(self) -> None:
        self._add_staged("touched", self._touched)
        self._add_staged("touched_match", self._matched)
        self._add_staged("walked", self._walked)
        self._touched, self._matched, self._walked = [], [], []

    def settle(self) -> None:
        """Store all collected results, and replace earlier rows."""
        self._flush()
        self._store_staged(_SETTLE)
