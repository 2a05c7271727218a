"""What changes when rows do: so that what was made of them need not be made again."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from headway.store.connection import StoreConnection

_OF_REPOSITORIES = (
    ("repository", "key"),
    ("membership", "repository"),
    ("unknown", "repository"),
    ("opening", "repository"),
    ("movement", "repository"),
)


class Fingerprints(NamedTuple):
    """rest: of what is about no repository. repositories: by key. teams, campaigns: name to the
    keys of the repositories in which they ever had an item, sorted.
    """

    rest: str
    repositories: dict[str, str]
    teams: dict[str, list[str]]
    campaigns: dict[str, list[str]]


class FingerprintReader(StoreConnection):
    """Tells of rows whether they are the same as before."""

    def fingerprints(self) -> Fingerprints:
        """Of all items, what moved, and where; how far a scan has come does not count."""
        repositories: dict[str, list[str]] = defaultdict(list)
        for table, key in _OF_REPOSITORIES:
            for name, told in self._rows(
                f"SELECT {key}, sum(hash(it))::VARCHAR FROM {table} it GROUP BY 1"  # noqa: S608 - names of ours
            ):
                repositories[name].append(f"{table} {told}")
        rest = [
            self._rows(f"SELECT sum(hash(it))::VARCHAR FROM {table} it")[0][0]  # noqa: S608 - names of ours
            for table in ("exemption", "team_list")
        ]
        return Fingerprints(
            " ".join(map(str, rest)),
            {name: ", ".join(parts) for name, parts in repositories.items()},
            self._having("team"),
            self._having("campaign"),
        )

    def _having(self, column: str) -> dict[str, list[str]]:
        rows = self._rows(
            f"SELECT {column}, list(DISTINCT repository ORDER BY repository) "  # noqa: S608 - names of ours
            "FROM opening GROUP BY 1"
        )
        return dict(rows)
