"""Fingerprints of stored rows, by which the site build tells what has changed."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from headway.store.connection import StorePart

_KEY_COLUMNS = {
    "repository": "key",
    "membership": "repository",
    "unknown": "repository",
    "opening": "repository",
    "movement": "repository",
}
"""Table to the column that holds the key of the repository that a row is about."""


class Fingerprints(NamedTuple):
    """Fingerprints of all rows, and which repositories each team and campaign concerns."""

    rest: str
    """Of the rows that are about no repository."""
    repositories: dict[str, str]
    """Repository key to the fingerprint of all rows about it."""
    teams: dict[str, list[str]]
    """Team to the keys of the repositories in which it ever had an item, sorted."""
    campaigns: dict[str, list[str]]
    """Campaign to the keys of the repositories in which it ever had an item, sorted."""


class RowFingerprints(StorePart):
    """Computes fingerprints of rows."""

    def current(self) -> Fingerprints:
        """Fingerprints of the rows as they are now; how far scans have come does not count."""
        repositories: dict[str, list[str]] = defaultdict(list)
        for table, column in _KEY_COLUMNS.items():
            for row in self._rows(
                f"SELECT {column} AS key, sum(hash(stored))::VARCHAR AS fingerprint "  # noqa: S608 - names of ours
                f"FROM {table} stored GROUP BY 1"
            ):
                repositories[row.key].append(f"{table} {row.fingerprint}")
        rest = [
            self._rows(f"SELECT sum(hash(stored))::VARCHAR AS fingerprint FROM {table} stored")[0]  # noqa: S608 - names of ours
            for table in ("exemption", "team_list")
        ]
        return Fingerprints(
            " ".join(str(row.fingerprint) for row in rest),
            {key: ", ".join(parts) for key, parts in repositories.items()},
            self._repositories_by("team"),
            self._repositories_by("campaign"),
        )

    def _repositories_by(self, column: str) -> dict[str, list[str]]:
        rows = self._rows(
            f"SELECT {column} AS name, "  # noqa: S608 - names of ours
            "list(DISTINCT repository ORDER BY repository) AS repositories "
            "FROM opening GROUP BY 1"
        )
        return {row.name: row.repositories for row in rows}
