"""The ledger: all changes in the number of open items, and their sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from headway.model.movement import Movement
from headway.model.store_records import LedgerEntry, LedgerTotal, Pace
from headway.store.connection import StorePart
from headway.store.sql_expressions import (
    FLOW_SUMS,
    HISTORICAL_MOVEMENTS,
    MOVEMENT_SUMS,
    OPEN_CHANGE,
    end_of_week,
)

_PACES = f"""
WITH daily AS (
    SELECT team, day, sum(fixed) AS fixed,
        sum({OPEN_CHANGE}) AS change
    FROM movement WHERE campaign = $campaign AND day <= $day AND list_contains($rules, rule)
    AND list_contains($teams, team) GROUP BY team, day
), running AS (
    SELECT *, sum(change) OVER (PARTITION BY team ORDER BY day) AS open FROM daily
)
SELECT team, sum(change)::BIGINT AS open,
    max(day) FILTER (open > 0 AND open <= change) AS open_since,
    max(day) FILTER (fixed > 0) AS last_fix
FROM running GROUP BY team ORDER BY team
"""  # noqa: S608 - a constant
_OPEN_SINCE = f"""
WITH daily AS (
    SELECT {{part}} AS part, day, sum({OPEN_CHANGE}) AS change
    FROM movement WHERE campaign = $campaign AND day <= $day AND list_contains($rules, rule)
    AND ($only IS NULL OR {{only}} IN (SELECT unnest($only::VARCHAR[]))) GROUP BY part, day
), running AS (
    SELECT *, sum(change) OVER (PARTITION BY part ORDER BY day) AS open FROM daily
)
SELECT part, max(day) FILTER (open > 0 AND open <= change) AS since
FROM running GROUP BY part HAVING since IS NOT NULL
"""  # noqa: S608 - a constant
_OPEN_REPOSITORIES = f"""
WITH weekly AS (
    SELECT repository, {{team}} AS team, $until - (($until - day) // 7 * 7)::INTEGER AS week,
        sum({OPEN_CHANGE}) AS change
    FROM movement WHERE campaign = $campaign AND day <= $until AND list_contains($rules, rule)
    AND ($keys IS NULL OR repository IN (SELECT unnest($keys::VARCHAR[]))) GROUP BY ALL
), running AS (
    SELECT *, sum(change) OVER (PARTITION BY repository, team ORDER BY week) AS open FROM weekly
), turns AS (
    SELECT team, week, (open > 0)::INTEGER - (open - change > 0)::INTEGER AS turned FROM running
)
SELECT team, week, sum(turned)::BIGINT AS turned FROM turns
GROUP BY team, week HAVING sum(turns.turned) != 0 ORDER BY team, week
"""  # noqa: S608 - a constant
_FINISHED = f"""
SELECT campaign FROM movement JOIN rule USING (campaign, rule)
WHERE counted AND day <= $until AND campaign NOT IN (SELECT campaign FROM unknown)
GROUP BY campaign HAVING sum({OPEN_CHANGE}) = 0 AND sum(fixed) > 0 ORDER BY campaign
"""  # noqa: S608 - a constant

Pair = tuple[str, str]
"""(Campaign ID, repository key)."""

OwnersOf = Literal["current", "historical"]
"""`current` means an item's current owner on all days, and `historical` its owner on each day."""


class TeamMovement(NamedTuple):
    """The changes in the items of one rule in one period, summed over all repositories."""

    day: date
    rule: str
    team: str | None
    """The team, or None for the sum over all teams."""
    movement: Movement


class LedgerTables(StorePart):
    """Reads the ledger. `until` is always inclusive."""

    def totals_by_repository(self, campaign: str, until: date) -> list[LedgerTotal]:
        """Return the sum of each rule's movements up to `until`, by repository and team."""
        rows = self._tuples(
            f"SELECT repository, rule, team, max(day) FILTER (fixed > 0), {MOVEMENT_SUMS} "  # noqa: S608 - names of ours
            "FROM movement WHERE campaign = ? AND day <= ? "
            "GROUP BY repository, rule, team ORDER BY repository, rule, team",
            [campaign, until],
        )
        return [
            LedgerTotal(repository, rule, team, Movement(*counts), last_fix)
            for repository, rule, team, last_fix, *counts in rows
        ]

    def totals(self, campaign: str, until: date) -> list[LedgerTotal]:
        """Return the sum of each rule's movements over all repositories and teams.

        The repository and team are empty strings in the result.
        """
        rows = self._tuples(
            f"SELECT rule, max(day) FILTER (fixed > 0), {MOVEMENT_SUMS} FROM movement "  # noqa: S608 - names of ours
            "WHERE campaign = ? AND day <= ? GROUP BY rule ORDER BY rule",
            [campaign, until],
        )
        return [
            LedgerTotal("", rule, "", Movement(*counts), last_fix)
            for rule, last_fix, *counts in rows
        ]

    def open_repositories(self, campaign: str, until: date, rules: Sequence[str]) -> set[str]:
        """Return the keys of repositories with open items of these rules at the end of `until`."""
        rows = self._tuples(
            "SELECT repository FROM movement "  # noqa: S608 - a constant
            "WHERE campaign = ? AND day <= ? AND list_contains(?, rule) "
            f"GROUP BY repository HAVING sum({OPEN_CHANGE}) > 0",
            [campaign, until, list(rules)],
        )
        return {key for (key,) in rows}

    def entries(self, campaign: str, until: date, first: date = date.min) -> list[LedgerEntry]:
        """Return the movements between `first` and `until`, by repository, rule, team and day."""
        rows = self._tuples(
            f"SELECT repository, rule, team, day, {MOVEMENT_SUMS} FROM movement "  # noqa: S608 - a constant
            "WHERE campaign = ? AND day BETWEEN ? AND ? "
            "GROUP BY repository, rule, team, day ORDER BY repository, rule, team, day",
            [campaign, first, until],
        )
        return [
            LedgerEntry(repository, rule, owner, day, Movement(*counts))
            for repository, rule, owner, day, *counts in rows
        ]

    def changes_by_rule(self, campaign: str, until: date, first: date) -> list[LedgerEntry]:
        """Return the sum of each rule's movements from `first` to `until`, dated `until`."""
        rows = self._tuples(
            f"SELECT rule, {MOVEMENT_SUMS} FROM movement "  # noqa: S608 - names of ours
            "WHERE campaign = ? AND day BETWEEN ? AND ? GROUP BY rule ORDER BY rule",
            [campaign, first, until],
        )
        return [LedgerEntry("", rule, "", until, Movement(*counts)) for rule, *counts in rows]

    def entries_by_week(
        self,
        campaign: str,
        until: date,
        *,
        by_team: bool = True,
        repositories: Sequence[str] | None = None,
    ) -> list[LedgerEntry]:
        """Return the movements by rule, team and week, over all repositories.

        Weeks are counted back from `until`, and the day of an entry is the last day of its week.

        Args:
            campaign: The campaign's ID.
            until: The last day to count.
            by_team: Whether to count each team separately. Otherwise, the team is empty.
            repositories: The keys of the repositories to count. None means all repositories.
        """
        team = "team" if by_team else "''"
        rows = self._tuples(
            f"SELECT '' AS repository, rule, {team} AS team, "  # noqa: S608 - constants
            f"$until - (($until - day) // 7 * 7)::INTEGER AS day, {MOVEMENT_SUMS} FROM movement "
            "WHERE campaign = $campaign AND movement.day <= $until "
            "AND ($keys IS NULL OR repository IN (SELECT unnest($keys::VARCHAR[]))) "
            "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            {
                "campaign": campaign,
                "until": until,
                "keys": None if repositories is None else list(repositories),
            },
        )
        return [
            LedgerEntry(repository, rule, owner, day, Movement(*counts))
            for repository, rule, owner, day, *counts in rows
        ]

    def open_repositories_by_week(
        self,
        campaign: str,
        until: date,
        rules: Sequence[str],
        *,
        by_team: bool = False,
        repositories: Sequence[str] | None = None,
    ) -> list[tuple[str, date, int]]:
        """Return (team, week, change in the number of repositories with open items of the rules).

        Weeks are counted as in `entries_by_week`. Weeks without a change are omitted.
        """
        sql = _OPEN_REPOSITORIES.format(team="team" if by_team else "''")
        keys = None if repositories is None else list(repositories)
        values = {"campaign": campaign, "until": until, "rules": list(rules), "keys": keys}
        return [(row.team, row.week, row.turned) for row in self._rows(sql, values)]

    def finished(self, until: date) -> list[str]:
        """Return the campaigns with fixes, but without unknown repositories or open items."""
        return [row.campaign for row in self._rows(_FINISHED, {"until": until})]

    def movements(
        self,
        campaign: str,
        *,
        by_team: bool,
        owners: OwnersOf = "current",
        only: str | None = None,
    ) -> list[TeamMovement]:
        """Return the movements by day and rule, over all repositories.

        Args:
            campaign: The campaign's ID.
            by_team: Whether to count each team separately.
            owners: Whether items count for their current or their historical owners.
            only: The team to count. None means all teams.
        """
        team = "team" if by_team else "NULL"
        source = "movement" if owners == "current" else HISTORICAL_MOVEMENTS
        rows = self._tuples(
            f"SELECT day, rule, {team} AS owner, {MOVEMENT_SUMS} "  # noqa: S608 - names of ours
            f"FROM {source} WHERE campaign = $campaign AND team = coalesce($only, team) "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            {"campaign": campaign, "only": only},
        )
        return [
            TeamMovement(day, rule, owner, Movement(*counts)) for day, rule, owner, *counts in rows
        ]

    def repositories_by_team(
        self, campaign: str, until: date, rules: Sequence[str], owners: OwnersOf = "current"
    ) -> dict[str, list[str]]:
        """Map each team to the keys of the repositories in which it has or had items.

        Args:
            campaign: The campaign's ID.
            until: The last day of the movements.
            rules: The rules whose items count.
            owners: Whether items count for their current or their historical owners.
        """
        source = "movement" if owners == "current" else HISTORICAL_MOVEMENTS
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._rows(
            f"SELECT DISTINCT team, repository FROM {source} "  # noqa: S608 - names of ours
            "WHERE campaign = $campaign AND day <= $until AND list_contains($rules, rule) "
            "ORDER BY 1, 2",
            {"campaign": campaign, "until": until, "rules": list(rules)},
        ):
            found[row.team].append(row.repository)
        return found

    def movements_by_week(
        self,
        campaign: str,
        first: date,
        until: date,
        part: Literal["team", "rule"],
        owners: OwnersOf = "current",
    ) -> list[TeamMovement]:
        """Return the movements by ISO week and rule, over all repositories.

        The day of a movement is the last day of its week, or `until` if that is earlier. A movement
        before `first` keeps its original day.

        Args:
            campaign: The campaign's ID.
            first: The campaign's first day.
            until: The last day to count.
            part: `team` counts each team separately, and `rule` counts all teams together.
            owners: Whether items count for their current or their historical owners.
        """
        team = "team" if part == "team" else "NULL"
        source = "movement" if owners == "current" else HISTORICAL_MOVEMENTS
        rows = self._tuples(
            f"SELECT CASE WHEN moved.day < $first THEN moved.day ELSE {end_of_week('moved.day')} "  # noqa: S608 - constants
            f"END AS day, rule, {team} AS owner, {MOVEMENT_SUMS} FROM {source} moved "
            "WHERE campaign = $campaign AND moved.day <= $until "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            {"campaign": campaign, "first": first, "until": until},
        )
        return [
            TeamMovement(day, rule, owner, Movement(*counts)) for day, rule, owner, *counts in rows
        ]

    def weeks_by_repository(
        self, repositories: Sequence[str], until: date, rules: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the changes in each week with changes, sorted by repository, campaign and week.

        A row has the repository's key, the campaign's ID, the last day of the ISO week, the open
        count on that day, the number of items of the baseline, and the columns of `FLOW_SIGNS`. The
        week that contains `until` ends on that day.

        Args:
            repositories: The keys of the repositories to count.
            until: The last day to count.
            rules: The (campaign, rule) pairs to count.
        """
        pairs = list(rules)
        rows = self._tuples(
            "WITH counted AS (SELECT unnest($campaigns::VARCHAR[]) AS campaign, "  # noqa: S608 - a constant
            "unnest($rules::VARCHAR[]) AS rule) "
            f"SELECT repository, campaign, {end_of_week()} AS week, sum(sum({OPEN_CHANGE})) OVER "
            "(PARTITION BY repository, campaign ORDER BY week)::BIGINT, "
            f"sum(baseline)::BIGINT, {FLOW_SUMS} "
            "FROM movement JOIN counted USING (campaign, rule) "
            "WHERE repository IN (SELECT unnest($repositories::VARCHAR[])) AND day <= $until "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            {
                "repositories": list(repositories),
                "until": until,
                "campaigns": [campaign for campaign, _ in pairs],
                "rules": [rule for _, rule in pairs],
            },
        )
        yield from rows

    def team_activity(
        self, campaign: str, day: date, rules: Sequence[str], teams: Sequence[str]
    ) -> list[Pace]:
        """Return each team's activity up to the end of `day`. Omit teams that never had items."""
        values = {"campaign": campaign, "day": day, "rules": list(rules), "teams": list(teams)}
        return [Pace._make(row) for row in self._rows(_PACES, values)]

    def open_since(
        self, campaign: str, day: date, rules: Sequence[str], repositories: Sequence[str] | None
    ) -> date | None:
        """Return the last day on which the open count rose from 0, or None if it never did.

        Args:
            campaign: The campaign's ID.
            day: The last day to count.
            rules: The IDs of the rules to count.
            repositories: The keys of the repositories to count together, or None for all.
        """
        sql = _OPEN_SINCE.format(part="''", only="repository")
        values = {"campaign": campaign, "day": day, "rules": list(rules)}
        only = list(repositories) if repositories is not None else None
        return next((row.since for row in self._rows(sql, {**values, "only": only})), None)

    def open_since_by(
        self,
        by: Literal["team", "repository"],
        campaign: str,
        day: date,
        rules: Sequence[str],
        names: Sequence[str],
    ) -> dict[str, date]:
        """Return the last day on which the open count of each team or repository rose from 0."""
        sql = _OPEN_SINCE.format(part=by, only=by)
        values = {"campaign": campaign, "day": day, "rules": list(rules), "only": list(names)}
        return {row.part: row.since for row in self._rows(sql, values)}

    def transfers_by_team(
        self, campaign: str, first: date, last: date, rules: Sequence[str]
    ) -> dict[str, tuple[int, int]]:
        """Return (items received, items handed over) by team. `first` and `last` are inclusive.

        Teams without transfers are omitted.
        """
        # Only the ledger by historical owners has transfers.
        rows = self._rows(
            "SELECT team, sum(received)::BIGINT AS taken, sum(handed_over)::BIGINT AS given "
            "FROM movement_then WHERE campaign = $campaign AND day BETWEEN $first AND $last "
            "AND list_contains($rules, rule) GROUP BY team HAVING taken > 0 OR given > 0 "
            "ORDER BY team",
            {"campaign": campaign, "first": first, "last": last, "rules": list(rules)},
        )
        return {row.team: (row.taken, row.given) for row in rows}

    def owners_changed(self, campaign: str) -> bool:
        """Return whether historical owners differ from current owners for any movement."""
        return bool(
            self._rows(
                "SELECT 1 AS found FROM movement_then WHERE campaign = ? LIMIT 1", [campaign]
            )
        )

    def team_names(self) -> list[str]:
        """Return the sorted names of all teams that own or have ever owned an item."""
        rows = self._rows(
            "SELECT team FROM movement UNION SELECT team FROM movement_then ORDER BY 1"
        )
        return [row.team for row in rows]

    def recorded_ownership(self) -> dict[Pair, str]:
        """Return the fingerprints of the owners that the ledgers were computed with, by pair."""
        rows = self._rows("SELECT campaign, repository, ownership FROM booking")
        return {(row.campaign, row.repository): row.ownership for row in rows}

    def pairs_with_later_movements(self) -> set[Pair]:
        """Return the pairs with movements after their last scan, such as lapses of exemptions."""
        rows = self._rows(
            "SELECT DISTINCT m.campaign, m.repository FROM movement m "
            "JOIN campaign c ON c.id = m.campaign WHERE m.day > c.last_scanned_on"
        )
        return {(row.campaign, row.repository) for row in rows}
