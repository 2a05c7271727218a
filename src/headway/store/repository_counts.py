"""Counting in the store, where a record for each repository or item would be too much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from headway.store.connection import OPEN_CHANGE, StoreConnection

_MEMBERS = """
    SELECT DISTINCT repository FROM membership WHERE campaign = $campaign
    AND (first_day IS NULL OR first_day <= $day) AND (last_day IS NULL OR last_day >= $day)
"""
_ALIKE = f"""
WITH member AS ({_MEMBERS}), held AS (
    SELECT repository, list_contains($deprecated, rule) AS must_go,
        sum({OPEN_CHANGE}) AS open,
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


class RepositoryStateCount(NamedTuple):
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


class CountsReader(StoreConnection):
    """What is counted."""

    def repository_names(self) -> dict[str, str]:
        """Key to name of every repository that was ever listed."""
        return dict(self._rows("SELECT key, name FROM repository"))

    def members(self, campaign: str, day: date) -> list[str]:
        """Keys of the repositories that are in scope on a day."""
        return [row[0] for row in self._rows(_MEMBERS, {"campaign": campaign, "day": day})]

    def count_repository_states(
        self, campaign: str, day: date, deprecated: Sequence[str], replacements: Sequence[str]
    ) -> list[RepositoryStateCount]:
        """The repositories in scope on a day, by what is true of them at its end.

        deprecated, replacements: ids of the rules that count.
        """
        asked = {
            "campaign": campaign,
            "day": day,
            "deprecated": list(deprecated),
            "replacements": list(replacements),
        }
        return [RepositoryStateCount(*row) for row in self._rows(_ALIKE, asked)]

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
