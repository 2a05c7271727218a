"""Owners and exemptions in the store: what decides who has an item, and whether it must go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from headway.model.days import Span
from headway.model.store_records import ExemptionRecord, OwnerCursor, OwnerVersion
from headway.progress.exemptions import ExemptionPeriod
from headway.store.connection import StoreConnection
from headway.store.row_codec import seconds, timestamp

_STAGED_ROWS = 2_000
"""How many rows wait in memory: contents of files are among them."""
_SETTLE_OWNER_FILES = (
    "DELETE FROM owner_file a USING owner_seen b WHERE a.repository = b.repository AND b.afresh",
    """DELETE FROM owner_file a USING owner_new b
    WHERE a.repository = b.repository AND a.path = b.path AND a.first_day = b.first_day""",
    "INSERT INTO owner_file FROM owner_new",
    "DELETE FROM owner_cursor a USING owner_seen b WHERE a.repository = b.repository",
    """INSERT INTO owner_cursor
    SELECT s.repository, s.baseline, s."commit", s.landed_at, coalesce(d.digest, '')
    FROM owner_seen s LEFT JOIN (
        SELECT repository, md5(string_agg(
            concat_ws('|', path, first_day, md5(content)), '\n' ORDER BY path, first_day NULLS FIRST
        )) AS digest
        FROM owner_file SEMI JOIN owner_seen USING (repository) GROUP BY repository
    ) d USING (repository)""",
    "DELETE FROM owner_new",
    "DELETE FROM owner_seen",
)


class OwnershipReader(StoreConnection):
    """What was settled so far."""

    def owner_cursors(self) -> dict[str, OwnerCursor]:
        """How far the owner files of each repository have been followed."""
        rows = self._rows('SELECT repository, baseline, "commit", landed_at FROM owner_cursor')
        return {row[0]: OwnerCursor(row[1], row[2], seconds(row[3])) for row in rows}

    def owner_digests(self) -> dict[str, str]:
        """Repository to a digest of all versions of its owner files."""
        return dict(self._rows("SELECT repository, digest FROM owner_cursor"))

    def owner_versions(self, repositories: Sequence[str]) -> dict[str, list[OwnerVersion]]:
        """All versions of the owner files of these repositories, oldest first."""
        found: dict[str, list[OwnerVersion]] = defaultdict(list)
        for row in self._rows(
            "SELECT repository, path, first_day, content FROM owner_file "
            "WHERE repository IN (SELECT unnest(?)) "
            "ORDER BY repository, path, first_day NULLS FIRST",
            [list(repositories)],
        ):
            found[row[0]].append(OwnerVersion(*row[1:]))
        return found

    def owner_groups(self) -> dict[str, list[tuple[date | None, tuple[str, ...]]]]:
        """Repository to the forge's groups that had it, each with its first day."""
        found: dict[str, list[tuple[date | None, tuple[str, ...]]]] = defaultdict(list)
        for key, first_day, groups in self._rows(
            "SELECT repository, first_day, owner_groups FROM owner_group "
            "ORDER BY repository, first_day NULLS FIRST"
        ):
            found[key].append((first_day, tuple(groups.split("\n")) if groups else ()))
        return found

    def team_lists(self) -> list[tuple[date | None, str]]:
        """(first day, teams as text) of each state of teams.yaml that a scan saw."""
        return self._rows("SELECT first_day, teams FROM team_list ORDER BY first_day NULLS FIRST")

    def exemptions(self, campaign: str | None = None) -> list[ExemptionRecord]:
        """When which exemption holds, by campaign and day; all campaigns for None."""
        rows = self._rows(
            "SELECT * FROM exemption WHERE campaign = coalesce(?, campaign) "
            "ORDER BY campaign, id, first_day NULLS FIRST",
            [campaign],
        )
        return [ExemptionRecord(*row[:2], *map(_words, row[2:5]), *row[5:]) for row in rows]

    def booked_ownership(self) -> dict[tuple[str, str], str]:
        """(campaign, repository) to a digest of the owners that its ledger was booked with."""
        rows = self._rows("SELECT campaign, repository, ownership FROM booking")
        return {(row[0], row[1]): row[2] for row in rows}


class OwnershipWriter(OwnershipReader):
    """What a scan has found."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        connection.execute("CREATE TEMP TABLE owner_new AS FROM owner_file LIMIT 0")
        connection.execute(
            "CREATE TEMP TABLE owner_seen AS "
            "SELECT * EXCLUDE (digest), false AS afresh FROM owner_cursor LIMIT 0"
        )
        self._owner_new: list[tuple[Any, ...]] = []
        self._owner_seen: list[tuple[Any, ...]] = []

    def stage_owner_files(
        self,
        repository: str,
        versions: Iterable[OwnerVersion],
        cursor: OwnerCursor,
        *,
        afresh: bool,
    ) -> None:
        """New versions; those of a day that is known already will take the place of the old."""
        self._owner_new += [(repository, *version) for version in versions]
        at = timestamp(cursor.landed_at)
        self._owner_seen.append((repository, cursor.baseline, cursor.commit, at, afresh))
        if len(self._owner_new) + len(self._owner_seen) >= _STAGED_ROWS:
            self._hand_over_owner_files()

    def _hand_over_owner_files(self) -> None:
        self._append("owner_new", self._owner_new)
        self._append("owner_seen", self._owner_seen)
        self._owner_new, self._owner_seen = [], []

    def settle_owner_files(self) -> None:
        """Puts everything staged in the place of what it replaces."""
        self._hand_over_owner_files()
        for sql in _SETTLE_OWNER_FILES:
            self._connection.execute(sql)

    def put_owner_groups(
        self, groups: Mapping[str, Sequence[tuple[date | None, tuple[str, ...]]]]
    ) -> None:
        """All of them."""
        if dict(groups) != self.owner_groups():
            rows = [(key, day, "\n".join(it)) for key, each in groups.items() for day, it in each]
            self._replace("owner_group", rows)

    def put_team_lists(self, lists: Sequence[tuple[date | None, str]]) -> None:
        """All of them."""
        if list(lists) != self.team_lists():
            self._replace("team_list", list(lists))

    def put_exemptions(self, records: Sequence[ExemptionRecord]) -> None:
        """All of them."""
        if list(records) != self.exemptions():
            self._replace(
                "exemption",
                [
                    (*record[:2], *("\n".join(words) for words in record[2:5]), *record[5:])
                    for record in records
                ],
            )

    def put_booked_ownership(self, booked: Mapping[tuple[str, str], str]) -> None:
        """All of it."""
        if dict(booked) != self.booked_ownership():
            self._replace("booking", [(*pair, digest) for pair, digest in booked.items()])

    def put_owners_now(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """(repository, path, team) of whatever changed hands: the owners of today."""
        self._connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS owner_now "
            "(repository VARCHAR, path VARCHAR, team VARCHAR)"
        )
        self._connection.execute("DELETE FROM owner_now")
        self._append("owner_now", list(rows))
        self._connection.execute(
            "UPDATE opening SET team = b.team FROM owner_now b "
            "WHERE opening.repository = b.repository AND opening.path = b.path"
        )


def exemption_period_of(record: ExemptionRecord) -> ExemptionPeriod:
    """What of an exemption the numbers need."""
    span = Span(record.first_day, record.last_day)
    return ExemptionPeriod(record.repositories, record.paths, record.rules, span)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
