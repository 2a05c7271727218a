"""Changes in the number of open items, by repository, day and commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from headway.store.connection import StorePart
from headway.store.sql_expressions import CLOSED_AS, OPENED_AS, REGRESSED, in_scope_on

_COUNTED = (
    "WITH counted AS (SELECT unnest($campaigns::VARCHAR[]) AS campaign, "
    "unnest($rules::VARCHAR[]) AS rule)"
)
_IN_SCOPE = in_scope_on("day", "m")
_CHOSEN = """, chosen AS (
    SELECT unnest($repositories::VARCHAR[]) AS repository, unnest($first_days::DATE[]) AS first_day
)"""
_BY_COMMIT = f"""
{_COUNTED}{{chosen}}, changed AS (
    SELECT campaign, repository, rule, path, opened_on AS day, opened_commit AS "commit",
        opened_by AS author, CASE WHEN {REGRESSED} THEN 'regressed' ELSE 'new' END AS kind
    FROM opening {{join}}
    WHERE NOT at_baseline AND opened_on <= $until AND coalesce({OPENED_AS}, 'new') = 'new'
        {{opened}}
    UNION ALL
    SELECT campaign, repository, rule, path, closed_on, closed_commit, closed_by, 'fixed'
    FROM opening {{join}} WHERE closed_on <= $until AND ({CLOSED_AS}) IS NULL {{closed}}
)
SELECT campaign, repository, day, "commit", author,
    CASE WHEN list_contains($exempting, campaign) THEN rule END AS rule,
    CASE WHEN list_contains($exempting, campaign) THEN path END AS path,
    count(*) FILTER (kind = 'new'), count(*) FILTER (kind = 'regressed'),
    count(*) FILTER (kind = 'fixed')
FROM changed JOIN counted USING (campaign, rule)
WHERE EXISTS (
    FROM membership m WHERE m.campaign = changed.campaign
    AND m.repository = changed.repository AND {_IN_SCOPE}
)
GROUP BY ALL
"""  # noqa: S608 - constants
_OF_ALL = _BY_COMMIT.format(chosen="", join="", opened="", closed="")
_OF_CHOSEN = _BY_COMMIT.format(
    chosen=_CHOSEN,
    join="JOIN chosen USING (repository)",
    opened="AND opened_on >= first_day",
    closed="AND closed_on >= first_day",
)
_WITHOUT_COMMIT = f"""
{_COUNTED}
SELECT campaign, repository, day, sum(moved_in)::BIGINT, sum(scope_added)::BIGINT,
    sum(lapsed)::BIGINT, sum(moved_out)::BIGINT, sum(scope_removed)::BIGINT, sum(exempted)::BIGINT
FROM movement JOIN counted USING (campaign, rule)
WHERE day <= $until AND moved_in + scope_added + lapsed + moved_out + scope_removed + exempted > 0
GROUP BY ALL
"""  # noqa: S608 - constants


class CommitCount(NamedTuple):
    """The numbers of items that a commit opened and fixed."""

    campaign: str
    repository: str
    """The repository's key."""
    day: date
    commit: str
    author: str | None
    rule: str | None
    """The rule of the items, or None if they are counted for all rules and paths together."""
    path: str | None
    """The path of the items, or None if they are counted for all rules and paths together."""
    new: int
    regressed: int
    fixed: int


class OtherCount(NamedTuple):
    """The numbers of items that moved, or whose scope or exemption changed, on one day."""

    campaign: str
    repository: str
    """The repository's key."""
    day: date
    moved_in: int
    scope_added: int
    lapsed: int
    moved_out: int
    scope_removed: int
    exempted: int


class ChangeTables(StorePart):
    """Reads the commits and scope changes that affected the number of open items."""

    def by_commit(
        self,
        rules: Iterable[tuple[str, str]],
        until: date,
        *,
        since: Mapping[str, date] | None = None,
        by_path: Sequence[str] = (),
    ) -> list[CommitCount]:
        """Count the items that each commit opened or fixed while the items were in scope.

        Baseline items, moved items and items whose file was included or excluded do not count.

        Args:
            rules: The (campaign, rule) pairs to count.
            until: The last day to count.
            since: The first day to count in each repository, by repository key. Other repositories
                do not count. None means all days in all repositories.
            by_path: The campaigns whose items are counted separately for each rule and path.
        """
        values = {**_pairs(rules), "until": until, "exempting": list(by_path)}
        if since is None:
            rows = self._tuples(_OF_ALL, values)
        else:
            chosen = {"repositories": list(since), "first_days": list(since.values())}
            rows = self._tuples(_OF_CHOSEN, values | chosen)
        return [CommitCount._make(row) for row in rows]

    def without_commit(self, rules: Iterable[tuple[str, str]], until: date) -> list[OtherCount]:
        """Count the items that moved, or that entered or left scope or an exemption.

        Args:
            rules: The (campaign, rule) pairs to count.
            until: The last day to count.
        """
        values = {**_pairs(rules), "until": until}
        return [OtherCount._make(row) for row in self._tuples(_WITHOUT_COMMIT, values)]


def _pairs(rules: Iterable[tuple[str, str]]) -> dict[str, Any]:
    pairs = list(rules)
    return {
        "campaigns": [campaign for campaign, _ in pairs],
        "rules": [rule for _, rule in pairs],
    }
