"""Reading the ledger: what was booked, summed up in the store in the ways that answers need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

from headway.model.movement import MOVEMENT_COLUMNS, Movement
from headway.model.store_records import LedgerEntry, LedgerTotal, Pace
from headway.store.connection import OPEN_CHANGE, StoreConnection

_SUMS = ", ".join(f'sum("{name}")::BIGINT' for name in MOVEMENT_COLUMNS)
_MOVEMENTS_THEN = """(
    FROM movement ANTI JOIN movement_then USING (campaign, repository)
    UNION ALL FROM movement_then
)"""
_PACES = f"""
WITH daily AS (
    SELECT team, day, sum(fixed) AS fixed,
        sum({OPEN_CHANGE}) AS change
    FROM movement WHERE campaign = $campaign AND day <= $day AND list_contains($rules, rule)
    AND list_contains($teams, team) GROUP BY team, day
), running AS (
    SELECT *, sum(change) OVER (PARTITION BY team ORDER BY day) AS open FROM daily
)
SELECT team, sum(change)::BIGINT, max(day) FILTER (open > 0 AND open <= change),
    max(day) FILTER (fixed > 0)
FROM running GROUP BY team ORDER BY team
"""  # noqa: S608 - a constant


class MovementReader(StoreConnection):
    """What moved."""

    def totals_by_repository(self, campaign: str, until: date) -> list[LedgerTotal]:
        """What each rule has moved in each repository and team up to a day (inclusive)."""
        rows = self._rows(
            f"SELECT repository, rule, team, {_SUMS}, max(day) FILTER (fixed > 0) "  # noqa: S608 - names of ours
            "FROM movement WHERE campaign = ? AND day <= ? GROUP BY ALL ORDER BY ALL",
            [campaign, until],
        )
        return [
            LedgerTotal(row[0], row[1], row[2], Movement(*row[3:-1]), last_fix=row[-1])
            for row in rows
        ]

    def totals(self, campaign: str, until: date) -> list[LedgerTotal]:
        """As `totals_by_repository`, but summed over repositories and teams; both are empty."""
        rows = self._rows(
            f"SELECT rule, {_SUMS}, max(day) FILTER (fixed > 0) FROM movement "  # noqa: S608 - names of ours
            "WHERE campaign = ? AND day <= ? GROUP BY ALL ORDER BY ALL",
            [campaign, until],
        )
        return [LedgerTotal("", row[0], "", Movement(*row[1:-1]), last_fix=row[-1]) for row in rows]

    def booked(self, campaign: str, until: date, first: date = date.min) -> list[LedgerEntry]:
        """Every movement from `first` to `until` of every repository, rule and team, by day.

        Both are inclusive.
        """
        rows = self._rows(
            f"SELECT repository, rule, team, day, {_SUMS} FROM movement "  # noqa: S608 - a constant
            "WHERE campaign = ? AND day BETWEEN ? AND ? GROUP BY ALL ORDER BY ALL",
            [campaign, first, until],
        )
        return [LedgerEntry(row[0], row[1], row[2], row[3], Movement(*row[4:])) for row in rows]

    def booked_by_week(
        self,
        campaign: str,
        until: date,
        *,
        by_team: bool = True,
        repositories: Sequence[str] | None = None,
    ) -> list[LedgerEntry]:
        """Every movement up to a day (inclusive) of every rule and team, all repositories as one.

        by_team: else all teams are one, too. repositories: keys of those that count; None for all.
        What seven days moved is booked on the last of them; they are counted back from `until`.
        """
        team = "team" if by_team else "''"
        rows = self._rows(
            f"SELECT '', rule, {team}, "  # noqa: S608 - constants
            f"$until - (($until - day) // 7 * 7)::INTEGER AS week, {_SUMS} FROM movement "
            "WHERE campaign = $campaign AND day <= $until "
            "AND ($keys IS NULL OR repository IN (SELECT unnest($keys::VARCHAR[]))) "
            "GROUP BY ALL ORDER BY ALL",
            {
                "campaign": campaign,
                "until": until,
                "keys": None if repositories is None else list(repositories),
            },
        )
        return [LedgerEntry(row[0], row[1], row[2], row[3], Movement(*row[4:])) for row in rows]

    def movements(
        self,
        campaign: str,
        *,
        by_team: bool,
        owners: Literal["now", "then"] = "now",
        only: str | None = None,
    ) -> list[tuple[date, str, str | None, Movement]]:
        """(day, rule, team or None, what was booked), summed over repositories.

        owners: those of today over all of history, or those of each day. only: of this team alone.
        """
        team = "team" if by_team else "NULL"
        source = "movement" if owners == "now" else _MOVEMENTS_THEN
        rows = self._rows(
            f"SELECT day, rule, {team}, {_SUMS} "  # noqa: S608 - names of ours
            f"FROM {source} WHERE campaign = $campaign AND team = coalesce($only, team) "
            "GROUP BY ALL ORDER BY ALL",
            {"campaign": campaign, "only": only},
        )
        return [(row[0], row[1], row[2], Movement(*row[3:])) for row in rows]

    def movements_by_week(
        self,
        campaign: str,
        first: date,
        until: date,
        part: Literal["team", "rule"],
        owners: Literal["now", "then"] = "now",
    ) -> list[tuple[date, str, str | None, Movement]]:
        """(day, rule, team or None, what was booked up to `until`); owners: as in `movements`.

        What an ISO week moved is booked on its last day, or on `until` where that is earlier; what
        came before `first` keeps its day.
        """
        team = "team" if part == "team" else "NULL"
        source = "movement" if owners == "now" else _MOVEMENTS_THEN
        rows = self._rows(
            "SELECT CASE WHEN day < $first THEN day "  # noqa: S608 - constants
            "ELSE least(date_trunc('week', day)::DATE + 6, $until) END AS week, "
            f"rule, {team}, {_SUMS} FROM {source} "
            "WHERE campaign = $campaign AND day <= $until GROUP BY ALL ORDER BY ALL",
            {"campaign": campaign, "first": first, "until": until},
        )
        return [(row[0], row[1], row[2], Movement(*row[3:])) for row in rows]

    def moved_in(
        self, repositories: Sequence[str], until: date, rules: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[str, str, date, Movement]]:
        """(repository, campaign, day, what was booked up to `until`) of these, in this order.

        rules: (campaign, rule) of those that count. What an ISO week moved is booked on its last
        day, or on `until` where that is earlier.
        """
        pairs = list(rules)
        rows = self._rows(
            "WITH counted AS (SELECT unnest($campaigns::VARCHAR[]) AS campaign, "  # noqa: S608 - a constant
            "unnest($rules::VARCHAR[]) AS rule) "
            "SELECT repository, campaign, "
            f"least(date_trunc('week', day)::DATE + 6, $until) AS week, {_SUMS} "
            "FROM movement JOIN counted USING (campaign, rule) "
            "WHERE repository IN (SELECT unnest($repositories::VARCHAR[])) AND day <= $until "
            "GROUP BY ALL ORDER BY ALL",
            {
                "repositories": list(repositories),
                "until": until,
                "campaigns": [campaign for campaign, _ in pairs],
                "rules": [rule for _, rule in pairs],
            },
        )
        for repository, campaign, week, *counts in rows:
            yield repository, campaign, week, Movement(*counts)

    def team_activity(
        self, campaign: str, day: date, rules: Sequence[str], teams: Sequence[str]
    ) -> list[Pace]:
        """Of those teams that have or had an item of these rules, by name; at the end of a day."""
        asked = {"campaign": campaign, "day": day, "rules": list(rules), "teams": list(teams)}
        return [Pace(*row) for row in self._rows(_PACES, asked)]

    def hands(
        self, campaign: str, first: date, last: date, rules: Sequence[str]
    ) -> dict[str, tuple[int, int]]:
        """Team to how many items it received from others, and how many it handed over to them.

        On these days, both inclusive; teams without any are left out.
        """
        rows = self._rows(
            "SELECT team, sum(received)::BIGINT AS got, sum(handed_over)::BIGINT AS gave "
            # by today's owners nobody hands over anything
            "FROM movement_then WHERE campaign = $campaign AND day BETWEEN $first AND $last "
            "AND list_contains($rules, rule) GROUP BY team HAVING got > 0 OR gave > 0 "
            "ORDER BY team",
            {"campaign": campaign, "first": first, "last": last, "rules": list(rules)},
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def owners_changed(self, campaign: str) -> bool:
        """Whether anything was ever booked on others than today's owners."""
        return bool(
            self._rows("SELECT 1 FROM movement_then WHERE campaign = ? LIMIT 1", [campaign])
        )
