"""The states of repositories and teams over time, and the currently unknown repositories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from headway.model.store_records import ObservedState, SnapshotRow, UnknownRecord
from headway.progress.snapshots import RulesByUse
from headway.store.connection import StorePart
from headway.store.scope_tables import MEMBERS
from headway.store.sql_expressions import OPEN_CHANGE

_COUNTS = f"""
WITH member AS ({MEMBERS}), held AS (
    SELECT repository, list_contains($counted, rule) AS must_go,
        list_contains($conditions, rule) AS is_condition,
        sum({OPEN_CHANGE}) AS open,
        sum(fixed_change) AS fixed, sum(exempt_change) AS exempt,
        sum(exempt_fixed_change) AS exempt_fixed, sum(left_change) AS "left"
    FROM movement WHERE campaign = $campaign AND day <= $day
    AND list_contains($counted || $required || $conditions, rule)
    GROUP BY repository, rule, must_go, is_condition
), standing AS (
    SELECT repository, sum(open) FILTER (must_go) AS open, sum(fixed) FILTER (must_go) AS fixed,
        sum(exempt) FILTER (must_go) AS exempt,
        sum(exempt_fixed) FILTER (must_go) AS exempt_fixed,
        sum("left") FILTER (must_go) AS "left",
        count(*) FILTER (NOT must_go AND NOT is_condition AND open > 0) AS present,
        count(*) FILTER (is_condition AND open > 0) AS conditions
    FROM held GROUP BY repository
)
SELECT coalesce(s.open, 0) > 0 AS open, coalesce(s.fixed, 0) > 0 AS fixed,
    coalesce(s.exempt, 0) > 0 AS exempt, coalesce(s.exempt_fixed, 0) > 0 AS exempt_fixed,
    coalesce(s.present, 0) < len($required) AS missing,
    coalesce(s."left", 0) > 0 AS "left", coalesce(s.conditions, 0) > 0 AS matched,
    u.repository IS NOT NULL OR g.repository IS NOT NULL AS unknown_now,
    u.repository IS NOT NULL AND coalesce(u.known_until < $day, true)
        OR coalesce(c.known_from > $day, false) OR g.repository IS NOT NULL AS unknown,
    count(*) AS repositories
FROM member LEFT JOIN standing s USING (repository)
LEFT JOIN (FROM unknown WHERE campaign = $campaign) u USING (repository)
LEFT JOIN (
    SELECT repository, max(known_from) AS known_from FROM cursor
    WHERE campaign = $campaign AND known_from IS NOT NULL GROUP BY repository
) c USING (repository)
LEFT JOIN (
    SELECT DISTINCT repository FROM gap
    WHERE campaign = $campaign AND opened_on <= $day AND coalesce(closed_on > $day, true)
    AND list_contains($counted || $required || $conditions, rule)
) g USING (repository)
GROUP BY ALL
"""  # noqa: S608 - a constant
_NO_REPOSITORY_STATE = ("out of scope", 0, 0, 0, None, None)
_NO_TEAM_STATE = (0, 0, 0, None)


class RepositoryStateCount(NamedTuple):
    """The number of repositories in scope with the same properties at the end of a day."""

    open: bool
    fixed: bool
    exempt: bool
    exempt_fixed: bool
    """Whether the repositories have items that were fixed while exempt."""
    missing: bool
    """Whether the repositories lack a match for a required rule."""
    left: bool
    """Whether a commit removed items of the repositories from scope without fixing them."""
    matched: bool
    """Whether a rule of `applies_to` matches."""
    unknown_now: bool
    """Whether the repositories' states were unknown at the last scan or on the day."""
    unknown: bool
    """Whether the repositories' states were unknown at the end of the day."""
    repositories: int


class StateTables(StorePart):
    """Reads the states of repositories over time."""

    def unknowns(self, campaign: str | None = None) -> dict[tuple[str, str], UnknownRecord]:
        """Return the records of the (campaign, repository) pairs that are currently unknown.

        Args:
            campaign: The campaign to read. None means all campaigns.
        """
        rows = self._rows(
            "SELECT campaign, repository, reason, since, known_until FROM unknown "
            "WHERE campaign = coalesce(?, campaign)",
            [campaign],
        )
        return {
            (row.campaign, row.repository): UnknownRecord(row.reason, row.since, row.known_until)
            for row in rows
        }

    def observed(self, campaign: str) -> dict[str, list[ObservedState]]:
        """Return the states that scans observed, oldest first, by repository key.

        A state applies until the next one. Repositories that were never unknown are omitted.
        """
        seen: dict[str, list[ObservedState]] = defaultdict(list)
        for row in self._rows(
            "WITH seen AS (FROM repository_snapshot WHERE campaign = ? AND basis = 'scan') "
            "SELECT repository, day, state, reason FROM seen WHERE repository IN "
            "(SELECT repository FROM seen WHERE state = 'unknown') ORDER BY repository, day",
            [campaign],
        ):
            seen[row.repository].append(ObservedState(row.day, row.state, row.reason))
        return seen

    def count(self, campaign: str, day: date, rules: RulesByUse) -> list[RepositoryStateCount]:
        """Count the repositories in scope on `day` by their properties at the end of `day`.

        Args:
            campaign: The campaign's ID.
            day: The day on which to count.
            rules: The current rules of the campaign.
        """
        values = {
            "campaign": campaign,
            "day": day,
            "counted": list(rules.counted),
            "required": list(rules.required),
            "conditions": list(rules.conditions),
        }
        return [RepositoryStateCount._make(row) for row in self._rows(_COUNTS, values)]


class StateWriter(StateTables):
    """Writes the states of repositories and teams."""

    def put_unknowns(self, unknowns: Mapping[tuple[str, str], UnknownRecord]) -> None:
        """Replace the records of all pairs that are currently unknown."""
        if dict(unknowns) != self.unknowns():
            self._replace("unknown", [(*key, *record) for key, record in unknowns.items()])

    def put_walked(self, pairs: Sequence[tuple[str, str]], rows: Iterable[SnapshotRow]) -> None:
        """Replace the snapshots of past weeks of these (campaign, repository) pairs."""
        self._stage_pairs(pairs)
        self._connection.execute(
            "DELETE FROM repository_snapshot a USING pair b WHERE a.campaign = b.campaign "
            "AND a.repository = b.repository AND a.basis = 'walk'"
        )
        self._append("repository_snapshot", [tuple(row) for row in rows])

    def put_scanned(self, campaigns: Sequence[str], day: date, rows: Sequence[SnapshotRow]) -> None:
        """Record the states that this scan observed. Each row applies until the next row.

        Only rows that differ from the previous row are stored. They replace the rows of an earlier
        scan on the same day.
        """
        self._put_differing(
            "repository_snapshot",
            campaigns,
            day,
            [tuple(row) for row in rows],
            _NO_REPOSITORY_STATE,
        )

    def put_scanned_teams(
        self, campaigns: Sequence[str], day: date, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Record team states: (campaign, team, day, basis, open, fixed, exempt, completion).

        Teams without a row have no items.
        """
        self._put_differing("team_snapshot", campaigns, day, rows, _NO_TEAM_STATE)

    def put_walked_teams(self, campaigns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Replace the teams' snapshots of past weeks in these campaigns."""
        self._connection.execute(
            "DELETE FROM team_snapshot WHERE basis = 'walk' AND campaign IN (SELECT unnest(?))",
            [list(campaigns)],
        )
        self._append("team_snapshot", rows)

    def _put_differing(
        self,
        table: str,
        campaigns: Sequence[str],
        day: date,
        rows: Sequence[tuple[Any, ...]],
        nothing: tuple[Any, ...],
    ) -> None:
        """Store the rows that differ from the previous row of the same repository or team.

        Args:
            table: `repository_snapshot` or `team_snapshot`.
            campaigns: The campaigns that were scanned.
            day: The day of the scan.
            rows: One tuple for each repository or team: (campaign, repository or team, day, basis,
                *state).
            nothing: The state of a repository or team without a row in `rows`.
        """
        self._connection.execute(
            f"DELETE FROM {table} WHERE basis = 'scan' AND day = ? "  # noqa: S608 - names of ours
            "AND campaign IN (SELECT unnest(?))",
            [day, list(campaigns)],
        )
        subject = "repository" if table == "repository_snapshot" else "team"
        previous = {
            (campaign, name): tuple(state)
            for campaign, name, _day, _basis, *state in self._rows(
                f"SELECT * FROM {table} WHERE basis = 'scan' AND day < ? "  # noqa: S608 - names of ours
                f"QUALIFY row_number() OVER (PARTITION BY campaign, {subject} "
                "ORDER BY day DESC) = 1",
                [day],
            )
        }
        missing = previous.keys() - {(campaign, name) for campaign, name, *_ in rows}
        ended = [
            (campaign, name, day, "scan", *nothing)
            for campaign, name in sorted(missing)
            if campaign in campaigns
        ]
        differing = [
            row for row in [*rows, *ended] if previous.get((row[0], row[1])) != tuple(row[4:])
        ]
        self._append(table, differing)
