"""Fingerprints of the rows that pages show. A build uses them to recognise unchanged pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from headway.hashing import fingerprint_of
from headway.store.connection import StorePart

_BOOKKEEPING = frozenset(
    (
        "booking",
        "matched",
        "owner_cursor",
        "owner_file",
        "owner_group",
        "scan",
        "schema_version",
        "source",
        "team_snapshot",
    )
)
"""Tables that no page reads. Fingerprints cover all other tables, so that a new table is never
missed.

Scans need these tables to continue, or keep them for queries. Pages also show the day of the latest
scan. A build compares this day separately.
"""

_TABLES = """
SELECT table_name, list(column_name) AS columns FROM duckdb_columns()
WHERE table_name IN (
    SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()
) AND database_name = current_database()
GROUP BY table_name ORDER BY table_name
"""
_OF_PAIRS = """
WITH hashes AS MATERIALIZED (
    SELECT campaign, repository, sum(hash(t)) AS total FROM {table} t GROUP BY ALL
)
SELECT 'campaign', campaign, sum(total)::VARCHAR FROM hashes GROUP BY campaign
UNION ALL SELECT 'repository', repository, sum(total)::VARCHAR FROM hashes GROUP BY repository
UNION ALL SELECT 'terms', campaign, sum(total)::VARCHAR FROM hashes WHERE repository IS NULL
GROUP BY campaign
"""
"""SQL for the sums of row hashes by campaign and by repository. It hashes each row only once,
because tables can have a million rows.
"""
_SCOPE = "SELECT DISTINCT campaign, repository FROM membership"
_HEADS = """
SELECT campaign AS name,
    sum(hash((key, tip, "commit", landed_at, known_from)))::VARCHAR AS fingerprint
FROM (SELECT DISTINCT campaign, repository FROM opening)
JOIN repository ON key = repository
LEFT JOIN cursor USING (campaign, repository)
GROUP BY 1
"""
"""SQL for the latest commits of the repositories in which a campaign ever had an item.

The commits of other repositories are excluded, because the campaign's pages do not show them, and
they change with every push.
"""
_COUNTED_OPENINGS = """
SELECT campaign AS name, sum(hash(t))::VARCHAR AS fingerprint
FROM (SELECT * EXCLUDE (line, "column", blob, opened_blob) FROM opening) t GROUP BY 1
"""
_COUNTED_HEADS = """
SELECT campaign AS name, sum(hash((
    repository, rule, known_from, binary_files, CASE WHEN landed_at < $until + 1 THEN landed_at END
)))::VARCHAR AS fingerprint
FROM cursor
WHERE known_from IS NOT NULL OR binary_files > 0 OR landed_at < $until + 1
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class SourceFingerprints:
    """Fingerprints of all rows that pages show, grouped by campaign, repository and team."""

    shared: str
    """The fingerprint of rows that belong to no campaign or repository, such as the list of teams.
    """

    campaigns: Mapping[str, str]
    """Maps a campaign to the fingerprint of its rows, and of the rows of all repositories that are
    or were in its scope.
    """

    counts: Mapping[str, str]
    """Maps a campaign to the fingerprint of the same rows without the lines of items, the contents
    of files and recent commits. Only lists of items show these, and they change much more often.
    """

    terms: Mapping[str, str]
    """Maps a campaign to the fingerprint of its rows that belong to no repository, such as
    exemptions.
    """

    repositories: Mapping[str, str]
    """Maps a name to the fingerprint of all rows of the repositories with this name."""

    teams: Mapping[str, str]
    """Maps a team to the fingerprint of all rows of the repositories in which it has or had an
    item.
    """

    def of_campaign(self, campaign: str) -> str:
        """Return the fingerprint of all rows on which a campaign's own pages and tables depend."""
        return fingerprint_of(self.shared, self.campaigns.get(campaign))

    def counts_of(self, campaign: str) -> str:
        """Return the fingerprint of all rows on which a campaign's report without items depends."""
        return fingerprint_of(self.shared, self.counts.get(campaign))

    def of_team(self, team: str, campaigns: Iterable[str]) -> str:
        """Return the fingerprint of all rows about a team's items in these campaigns."""
        terms = [self.terms.get(campaign) for campaign in campaigns]
        return fingerprint_of(self.shared, terms, self.teams.get(team))

    def of_repository(self, name: str, campaigns: Iterable[str]) -> str:
        """Return the fingerprint of all rows about a repository's items and history."""
        terms = [self.terms.get(campaign) for campaign in campaigns]
        return fingerprint_of(self.shared, terms, self.repositories.get(name))


class RowFingerprints(StorePart):
    """Computes fingerprints of a store's rows."""

    def current(self, inactive_until: date) -> SourceFingerprints:
        """Compute the current fingerprints.

        Args:
            inactive_until: A repository is inactive if its last commit landed on or before this
                day. The last commits of other repositories do not affect any counts.
        """
        shared: list[str] = []
        items: dict[str, list[str]] = defaultdict(list)
        campaigns: dict[str, list[str]] = defaultdict(list)
        terms: dict[str, list[str]] = defaultdict(list)
        repositories: dict[str, list[str]] = defaultdict(list)
        for table, columns in self._rows(_TABLES):
            if table in _BOOKKEEPING or table == "cursor":
                continue
            if {"campaign", "repository"} <= {*columns}:
                pairs = items if table == "opening" else campaigns
                self._add_pairs(table, pairs, repositories, terms)
                continue
            of_campaigns = "campaign" in columns or table == "campaign"
            of_repositories = "repository" in columns or table == "repository"
            campaign = "id" if table == "campaign" else "campaign"
            repository = "key" if table == "repository" else "repository"
            if of_campaigns:
                self._add(campaigns, table, campaign)
            elif of_repositories:
                self._add_scope(campaigns, table, repository)
            if of_repositories:
                self._add(repositories, table, repository)
            if of_campaigns:
                self._add(terms, table, campaign)
            if not of_campaigns and not of_repositories:
                sql = f"SELECT sum(hash(t))::VARCHAR AS fingerprint FROM {table} t"  # noqa: S608 - our own names
                shared.append(f"{table} {self._rows(sql)[0].fingerprint}")
        self._add_query(items, "head", _HEADS)
        counts: dict[str, list[str]] = defaultdict(list)
        self._add_query(counts, "opening", _COUNTED_OPENINGS)
        self._add_query(counts, "head", _COUNTED_HEADS, {"until": inactive_until})
        of_keys = {key: ", ".join(parts) for key, parts in repositories.items()}
        return SourceFingerprints(
            shared=", ".join(shared),
            campaigns=_joined(_together(campaigns, items)),
            counts=_joined(_together(campaigns, counts)),
            terms=_joined(terms),
            repositories=self._by_name(of_keys),
            teams={
                team: fingerprint_of([of_keys.get(key) for key in keys])
                for team, keys in self._rows(
                    "SELECT team, list(DISTINCT repository ORDER BY repository) AS keys "
                    "FROM opening GROUP BY 1"
                )
            },
        )

    def _by_name(self, of_keys: Mapping[str, str]) -> dict[str, str]:
        by_name: dict[str, list[str]] = defaultdict(list)
        for key, name in self._rows("SELECT key, name FROM repository ORDER BY key"):
            by_name[name].append(of_keys[key])
        return _joined(by_name)

    def _add_pairs(
        self,
        table: str,
        campaigns: dict[str, list[str]],
        repositories: dict[str, list[str]],
        terms: dict[str, list[str]],
    ) -> None:
        """Add fingerprints of rows that belong to a campaign and, in most cases, a repository."""
        groups = {"campaign": campaigns, "repository": repositories, "terms": terms}
        for kind, name, fingerprint in self._tuples(_OF_PAIRS.format(table=table)):
            groups[kind][name].append(f"{table} {fingerprint}")

    def _add(self, groups: dict[str, list[str]], table: str, column: str) -> None:
        """Add the fingerprints of a table's rows, grouped by a column."""
        self._add_query(
            groups,
            table,
            f"SELECT {column} AS name, sum(hash(t))::VARCHAR AS fingerprint FROM {table} t "  # noqa: S608 - our own names
            "GROUP BY 1",
        )

    def _add_scope(self, groups: dict[str, list[str]], table: str, column: str) -> None:
        """Add a table's rows about repositories to all campaigns that ever had them in scope."""
        # Exclude the tips, because `_HEADS` covers them.
        columns = "* EXCLUDE (tip)" if table == "repository" else "*"
        self._add_query(
            groups,
            table,
            f"SELECT campaign AS name, sum(hash(t))::VARCHAR AS fingerprint FROM ({_SCOPE}) scope "  # noqa: S608 - our own names
            f"JOIN (SELECT {columns} FROM {table}) t ON t.{column} = scope.repository GROUP BY 1",
        )

    def _add_query(
        self,
        groups: dict[str, list[str]],
        name: str,
        sql: str,
        values: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        for group, rows in self._rows(sql, values):
            groups[group].append(f"{name} {rows}")


def _together(
    first: Mapping[str, list[str]], second: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    names = first.keys() | second.keys()
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in names}


def _joined(groups: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: ", ".join(parts) for name, parts in groups.items()}
