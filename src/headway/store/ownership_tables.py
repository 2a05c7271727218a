"""The sources of ownership: owner files, the forge's groups and the workspace's teams."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from headway.model.store_records import OwnerCursor, OwnerVersion
from headway.store.connection import StagingPart, StorePart
from headway.store.row_codec import attributes_of, attributes_text, seconds, timestamp

_STAGED_ROWS = 2_000
"""The maximum number of rows in memory. Some rows contain whole files."""
_SETTLE = (
    (
        "owner_seen",
        """DELETE FROM owner_file a USING owner_seen b
        WHERE a.repository = b.repository AND b.afresh""",
    ),
    (
        "owner_new",
        """DELETE FROM owner_file a USING owner_new b
        WHERE a.repository = b.repository AND a.path = b.path AND a.first_day = b.first_day""",
    ),
    ("owner_new", "INSERT INTO owner_file FROM owner_new ORDER BY repository, path, first_day"),
    (
        "owner_seen",
        "DELETE FROM owner_cursor a USING owner_seen b WHERE a.repository = b.repository",
    ),
    (
        "owner_seen",
        """INSERT INTO owner_cursor
        SELECT s.repository, s.baseline, s."commit", s.landed_at, coalesce(d.digest, ''),
            s.attributes, s.binary_files
        FROM owner_seen s LEFT JOIN (
            SELECT repository, md5(string_agg(
                concat_ws('|', path, first_day, md5(content)), '\n'
                ORDER BY path, first_day NULLS FIRST
            )) AS digest
            FROM owner_file SEMI JOIN owner_seen USING (repository) GROUP BY repository
        ) d USING (repository) ORDER BY s.repository""",
    ),
    ("owner_new", "DELETE FROM owner_new"),
    ("owner_seen", "DELETE FROM owner_seen"),
)


class OwnershipTables(StorePart):
    """Reads the owners that earlier scans recorded."""

    def cursors(self) -> dict[str, OwnerCursor]:
        """Return the commit up to which owner files have been read, by repository key."""
        rows = self._rows(
            'SELECT repository, baseline, "commit", landed_at, attributes FROM owner_cursor'
        )
        return {
            row.repository: OwnerCursor(
                row.baseline, row.commit, seconds(row.landed_at), attributes_of(row.attributes)
            )
            for row in rows
        }

    def binary_files(self, repositories: Sequence[str]) -> dict[str, list[str]]:
        """Return the paths of the binary files that rules select, by repository key."""
        rows = self._rows(
            "SELECT repository, binary_files FROM owner_cursor "
            "WHERE binary_files IS NOT NULL AND repository IN (SELECT unnest(?))",
            [list(repositories)],
        )
        return {row.repository: json.loads(row.binary_files) for row in rows}

    def fingerprints(self) -> dict[str, str]:
        """Return a fingerprint of all versions of owner files, by repository key."""
        return dict(self._rows("SELECT repository, digest FROM owner_cursor"))

    def versions(self, repositories: Sequence[str]) -> dict[str, list[OwnerVersion]]:
        """Return all versions of owner files by repository key, oldest first for each path."""
        found: dict[str, list[OwnerVersion]] = defaultdict(list)
        for row in self._rows(
            "SELECT repository, path, first_day, content FROM owner_file "
            "WHERE repository IN (SELECT unnest(?)) "
            "ORDER BY repository, path, first_day NULLS FIRST",
            [list(repositories)],
        ):
            found[row.repository].append(OwnerVersion(row.path, row.first_day, row.content))
        return found

    def groups(self) -> dict[str, list[tuple[date | None, tuple[str, ...]]]]:
        """Return (first day, owning groups on the forge) by repository key, oldest first."""
        found: dict[str, list[tuple[date | None, tuple[str, ...]]]] = defaultdict(list)
        for row in self._rows(
            "SELECT repository, first_day, owner_groups FROM owner_group "
            "ORDER BY repository, first_day NULLS FIRST"
        ):
            groups = tuple(row.owner_groups.split("\n")) if row.owner_groups else ()
            found[row.repository].append((row.first_day, groups))
        return found

    def team_lists(self) -> list[tuple[date | None, str]]:
        """Return (first day, encoded teams) of each version of teams.yaml that a scan read."""
        rows = self._rows("SELECT first_day, teams FROM team_list ORDER BY first_day NULLS FIRST")
        return [(row.first_day, row.teams) for row in rows]


class OwnershipWriter(OwnershipTables, StagingPart):
    """Records the owners that a scan found."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        connection.execute("CREATE TEMP TABLE owner_new AS FROM owner_file LIMIT 0")
        connection.execute(
            "CREATE TEMP TABLE owner_seen AS "
            "SELECT * EXCLUDE (digest), false AS afresh FROM owner_cursor LIMIT 0"
        )
        self._versions: list[tuple[Any, ...]] = []
        self._cursors: list[tuple[Any, ...]] = []

    def stage(
        self,
        repository: str,
        versions: Iterable[OwnerVersion],
        cursor: OwnerCursor,
        *,
        afresh: bool,
    ) -> None:
        """Collect new versions of a repository's owner files. `settle` stores them later.

        Args:
            repository: The repository's key.
            versions: The new versions. They replace recorded versions with the same path and day.
            cursor: The commit up to which owner files have now been read.
            afresh: Whether to delete all earlier versions.
        """
        self._versions += [(repository, *version) for version in versions]
        landed_at, attributes = timestamp(cursor.landed_at), attributes_text(cursor.attributes)
        binary_files = json.dumps(cursor.binary_files) if cursor.binary_files else None
        self._cursors.append(
            (
                repository,
                cursor.baseline,
                cursor.commit,
                landed_at,
                attributes,
                binary_files,
                afresh,
            )
        )
        if len(self._versions) + len(self._cursors) >= _STAGED_ROWS:
            self._flush()

    def _flush(self) -> None:
        self._add_staged("owner_new", self._versions)
        self._add_staged("owner_seen", self._cursors)
        self._versions, self._cursors = [], []

    def settle(self) -> None:
        """Store all collected versions of owner files."""
        self._flush()
        self._store_staged(_SETTLE)

    def put_groups(
        self, groups: Mapping[str, Sequence[tuple[date | None, tuple[str, ...]]]]
    ) -> None:
        """Replace the owning groups of all repositories."""
        if dict(groups) != self.groups():
            rows = [
                (repository, first_day, "\n".join(names))
                for repository, versions in groups.items()
                for first_day, names in versions
            ]
            self._replace("owner_group", rows)

    def put_team_lists(self, team_lists: Sequence[tuple[date | None, str]]) -> None:
        """Replace all versions of teams.yaml."""
        if list(team_lists) != self.team_lists():
            self._replace("team_list", list(team_lists))
