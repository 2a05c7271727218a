"""Counting in the store, where a record for each repository or item would be too much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from headway.progress.ledger import MOVEMENT_COLUMNS, Movement
from headway.store.records import Pace, StockRow
from headway.store.tables import Tables

_SUMS = ", ".join(f'sum("{name}")::BIGINT' for name in MOVEMENT_COLUMNS)
_MEMBERS = """
    SELECT DISTINCT repository FROM membership WHERE campaign = $campaign
    AND (first_day IS NULL OR first_day <= $day) AND (last_day IS NULL OR last_day >= $day)
"""
_ALIKE = f"""
WITH member AS ({_MEMBERS}), held AS (
    SELECT repository, list_contains($deprecated, rule) AS must_go,
        sum(baseline + new + regressed + entered + lapsed - fixed - "left" - exempted) AS open,
        sum(fixed_change) AS fixed, sum(exempt_change) AS exempt
    FROM movement WHERE campaign = $campaign AND day <= $day
    AND (list_contains($deprecated, rule) OR list_contains($replacements, rule))
    GROUP BY repository, rule, must_go
), standing AS (
    SELECT repository, sum(open) FILTER (must_go) AS open, sum(fixed) FILTER (must_go) AS fixed,
        sum(exempt) FILTER (must_go) AS exempt, count(*) FILTER (NOT must_go AND open > 0) AS there
    FROM held GROUP BY repository
)
SELECT coalesce(s.open, 0) > 0 AS open, coalesce(s.fixed, 0) > 0 AS fixed,
    coalesce(s.exempt, 0) > 0 AS exempt, coalesce(s.there, 0) < len($replacements) AS missing,
    u.repository IS NOT NULL AS noted, coalesce(u.since <= $day, false) AS unknown,
    u.repository IS NOT NULL AND coalesce(u.known_until < $day, true) AS dark, count(*)
FROM member LEFT JOIN standing s USING (repository)
LEFT JOIN (FROM unknown WHERE campaign = $campaign) u USING (repository) GROUP BY ALL
"""  # noqa: S608 - a constant


_PACES = """
WITH daily AS (
    SELECT team, day, sum(fixed) AS fixed,
        sum(baseline + new + regressed + entered + lapsed - fixed - "left" - exempted) AS change
    FROM movement WHERE campaign = $campaign AND day <= $day AND list_contains($rules, rule)
    AND list_contains($teams, team) GROUP BY team, day
), running AS (
    SELECT *, sum(change) OVER (PARTITION BY team ORDER BY day) AS open FROM daily
)
SELECT team, sum(change)::BIGINT, max(day) FILTER (open > 0 AND open <= change),
    max(day) FILTER (fixed > 0)
FROM running GROUP BY team ORDER BY team
"""


class Alike(NamedTuple):
    """`repositories` in scope of which the same is true.

    open, fixed, exempt: whether they have such items. missing: whether a replacement is. noted:
    whether something is unknown of them at the last scan; unknown: since that day or before;
    dark: and nothing is known of that day any more.
    """

    open: bool
    fixed: bool
    exempt: bool
    missing: bool
    noted: bool
    unknown: bool
    dark: bool
    repositories: int


class CountsReader(Tables):
    """What is counted."""

    def repository_names(self) -> dict[str, str]:
        """Key to name of every repository that was ever listed."""
        return dict(self._rows("SELECT key, name FROM repository"))

    def members(self, campaign: str, day: date) -> list[str]:
        """Keys of the repositories that are in scope on a day."""
        return [row[0] for row in self._rows(_MEMBERS, {"campaign": campaign, "day": day})]

    def alike(
        self, campaign: str, day: date, deprecated: Sequence[str], replacements: Sequence[str]
    ) -> list[Alike]:
        """The repositories in scope on a day, by what is true of them at its end.

        deprecated, replacements: ids of the rules that count.
        """
        asked = {
            "campaign": campaign,
            "day": day,
            "deprecated": list(deprecated),
            "replacements": list(replacements),
        }
        return [Alike(*row) for row in self._rows(_ALIKE, asked)]

    def totals(self, campaign: str, until: date) -> list[StockRow]:
        """`stocks`, with all repositories and all teams as one, whose key and name are empty."""
        rows = self._rows(
            f"SELECT rule, {_SUMS}, max(day) FILTER (fixed > 0) FROM movement "  # noqa: S608 - names of ours
            "WHERE campaign = ? AND day <= ? GROUP BY ALL ORDER BY ALL",
            [campaign, until],
        )
        return [StockRow("", row[0], "", Movement(*row[1:-1]), last_fix=row[-1]) for row in rows]

    def open_places(
        self, campaign: str, day: date, repositories: Iterable[str]
    ) -> list[tuple[str, str, str, int]]:
        """(repository, rule, path, how many items) of what is there at the end of a day."""
        return self._rows(
            "SELECT repository, rule, path, count(*) FROM opening WHERE campaign = $campaign "
            "AND opened_on <= $day AND (closed_on IS NULL OR closed_on > $day) "
            "AND repository IN (SELECT unnest($repositories)) GROUP BY ALL",
            {"campaign": campaign, "day": day, "repositories": sorted(repositories)},
        )

    def paces(
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
