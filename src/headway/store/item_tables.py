"""Items and their openings. An opening is a period during which an item was open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from headway.model.item_records import OpeningRow, OpenItemRow, OpenItems
from headway.model.store_records import CapturedRow, EpisodeRow, TrackKey
from headway.progress.opening import Opening
from headway.store.row_codec import OPENING_COLUMNS, captures_of, episode_of, opening_of
from headway.store.sql_expressions import (
    CHANGED_BY,
    CLOSED_AS,
    OPENED_AS,
    REGRESSED,
    in_scope_on,
    open_on,
)
from headway.store.track_tables import TrackTables

_ROWS_AT_ONCE = 2_000
_PAIRS_AT_ONCE = 500
_BY_PLACE = 'repository, path, line NULLS FIRST, "column" NULLS FIRST, rule, item, number'
_COMPUTED = {
    "regressed": REGRESSED,
    "text": "coalesce(o.exact, o.text)",
    "opened_as": OPENED_AS,
    "closed_as": CLOSED_AS,
    "changed_by": CHANGED_BY,
}


def _columns(names: Iterable[str]) -> str:
    return ", ".join(
        f'{_COMPUTED[name]} AS "{name}"' if name in _COMPUTED else f'o."{name}"' for name in names
    )


_SHOWN_COLUMNS = _columns(OpeningRow._fields)
_OPEN_ITEM_COLUMNS = _columns(OpenItemRow._fields)
_STORED = {
    "moves": "versions",
    "opened_as": f"{OPENED_AS} AS opened_as",
    "closed_as": f"{CLOSED_AS} AS closed_as",
}
_CAPTURED_COLUMNS = ", ".join(_STORED.get(name, name) for name in CapturedRow._fields)
_EPISODE_COLUMNS = ", ".join(_STORED.get(name, name) for name in EpisodeRow._fields)
_SETTLED_COLUMNS = OPENING_COLUMNS.replace(
    "opened_as, closed_as", f"{_STORED['opened_as']}, {_STORED['closed_as']}"
)
"""The columns of an opening. An opening or closing that is part of a move between repositories is
recorded as moved.
"""
_WANTED = f"""
    list_contains($campaigns, campaign)
    AND {open_on()}
    AND EXISTS (
        FROM membership m WHERE m.campaign = o.campaign AND m.repository = o.repository
        AND {in_scope_on(membership="m")}
    )
"""

Pair = tuple[str, str]
"""(Campaign ID, repository key)."""


class OwnedOpening(NamedTuple):
    """An opening, with its rule, its repository and its current owner."""

    track: TrackKey
    opening: Opening
    team: str


class PlaceCount(NamedTuple):
    """The number of items of one rule at one path."""

    repository: str
    rule: str
    path: str
    items: int


class ItemTables(TrackTables):
    """Reads openings."""

    table = "opening"
    columns = OPENING_COLUMNS

    def opening_commits(self, repositories: Collection[str]) -> dict[str, set[str]]:
        """Return the commits that opened items, by repository key."""
        found: dict[str, set[str]] = {key: set() for key in repositories}
        for row in self._rows(
            "SELECT DISTINCT repository, opened_commit FROM opening "
            "WHERE repository IN (SELECT unnest(?))",
            [list(repositories)],
        ):
            found[row.repository].add(row.opened_commit)
        return found

    def opened_until(
        self,
        campaign: str,
        day: date,
        *,
        open_only: bool,
        team: str | None = None,
        rule: str | None = None,
    ) -> Iterator[OpeningRow]:
        """Yield the openings that began by the end of `day`, sorted by repository, path and line.

        Args:
            campaign: The campaign's ID.
            day: The last day on which an opening can begin.
            open_only: Whether to omit openings that ended by the end of `day`.
            team: The team whose items are yielded. None means all teams.
            rule: The rule whose items are yielded. None means all rules.
        """
        selected = open_on() if open_only else "opened_on <= $day"
        for row in self._rows(
            f"SELECT {_SHOWN_COLUMNS} FROM opening o "  # noqa: S608 - constants
            f"WHERE campaign = $campaign AND {selected} "
            "AND team = coalesce($team, team) AND rule = coalesce($rule, rule) "
            f"ORDER BY {_BY_PLACE}",
            {"campaign": campaign, "day": day, "team": team, "rule": rule},
        ):
            yield _opening_row(row)

    def open_items(self, wanted: OpenItems) -> Iterator[OpenItemRow]:
        """Yield the open items, sorted by campaign, repository name, path and line.

        If `wanted` names teams, the items are sorted by team first. If it names repositories, the
        items are sorted by repository before campaign. If it limits the number of items, regressed
        items come first, then the latest openings, and finally baseline items. Only a few thousand
        rows are in memory at a time, and other queries can run in between.
        """
        rank = "list_position($campaigns, campaign)"
        order, selected = f"{rank}, p.name", _WANTED
        values: dict[str, Any] = {"day": wanted.day, "campaigns": wanted.campaigns}
        if wanted.repositories is not None:
            order = f"p.name, {rank}"
            # This is a join. `list_contains` would compare each row with every key.
            selected += "AND repository IN (SELECT unnest($repositories::VARCHAR[])) "
            values["repositories"] = wanted.repositories
        if wanted.teams is not None:
            order = f"list_position($teams, team), {order}"
            selected += "AND list_contains($teams, team) "
            values["teams"] = wanted.teams
        if wanted.newest is not None:
            order = f"NOT {REGRESSED}, at_baseline, opened_on DESC, {order}"
        # If the limit is a constant, DuckDB sorts only the rows that it returns.
        limit = "" if wanted.newest is None else f"LIMIT {int(wanted.newest)}"
        # Use a separate cursor, because another query on the same cursor would end this one.
        cursor = self._connection.cursor()
        cursor.execute("USE store")
        cursor.execute(
            f"SELECT {_OPEN_ITEM_COLUMNS} "  # noqa: S608 - names of ours
            f"FROM opening o JOIN repository p ON p.key = o.repository WHERE {selected} "
            f'ORDER BY {order}, path, coalesce(line, 0), coalesce("column", 0), rule, item, number '
            f"{limit}",
            values,
        )
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            for *shown, captures in rows:
                yield OpenItemRow._make((*shown, captures_of(captures)))

    def opened_or_closed(self, campaign: str, first: date, last: date) -> list[OwnedOpening]:
        """Return the openings that began or ended from `first` to `last`, sorted by position.

        Items in the first scanned commit do not count as opened on that day.
        """
        rows = self._rows(
            f"SELECT {_SETTLED_COLUMNS}, team FROM opening WHERE campaign = $campaign "  # noqa: S608 - constants
            "AND (closed_on BETWEEN $first AND $last "
            "OR (opened_on BETWEEN $first AND $last AND NOT at_baseline)) "
            f"ORDER BY {_BY_PLACE}",
            {"campaign": campaign, "first": first, "last": last},
        )
        return [OwnedOpening(*opening_of(row), row.team) for row in rows]

    def captured(self, campaign: str) -> list[CapturedRow]:
        """Return openings of rules that ever captured a value, sorted by repository and item."""
        rows = self._rows(
            f"SELECT {_CAPTURED_COLUMNS} FROM opening WHERE campaign = ? AND rule IN "  # noqa: S608 - constants
            "(SELECT rule FROM opening WHERE campaign = ? AND captures IS NOT NULL) "
            "ORDER BY repository, item, number",
            [campaign, campaign],
        )
        return [
            CapturedRow(repository, captures_of(captures), *life)
            for repository, captures, *life in rows
        ]

    def repositories_with(self, path: str) -> list[str]:
        """Return the sorted keys of the repositories that have or had an item at a path."""
        rows = self._rows("SELECT DISTINCT repository FROM opening WHERE path = ?", [path])
        return sorted(row.repository for row in rows)

    def oldest_open(self, campaign: str, day: date) -> dict[str, date]:
        """Return the opening day of the oldest item open at the end of `day`, by repository key."""
        rows = self._rows(
            "SELECT repository, min(opened_on) AS oldest "  # noqa: S608 - a constant
            "FROM opening JOIN rule USING (campaign, rule) "
            f"WHERE campaign = $campaign AND {open_on()} AND counted "
            "GROUP BY repository",
            {"campaign": campaign, "day": day},
        )
        return {row.repository: row.oldest for row in rows}

    def open_places(
        self, campaign: str, day: date, repositories: Iterable[str]
    ) -> list[PlaceCount]:
        """Return the number of items open at the end of `day`, by repository, rule and path."""
        rows = self._rows(
            "SELECT repository, rule, path, count(*) AS items FROM opening "  # noqa: S608 - a constant
            f"WHERE campaign = $campaign AND {open_on()} "
            "AND repository IN (SELECT unnest($repositories)) GROUP BY ALL",
            {"campaign": campaign, "day": day, "repositories": sorted(repositories)},
        )
        return [PlaceCount._make(row) for row in rows]


def _opening_row(row: Sequence[Any]) -> OpeningRow:
    *shown, captures, text, versions, moved_from, moved_to = row
    return OpeningRow._make((*shown, captures_of(captures), text, versions, moved_from, moved_to))


class ItemWriter(ItemTables):
    """Reads the openings for the ledger, and updates the owners of items."""

    def episodes(self, pairs: Iterable[Pair]) -> Iterator[tuple[Pair, list[EpisodeRow]]]:
        """Yield all openings of each pair, including pairs without openings."""
        wanted = sorted(set(pairs))
        for start in range(0, len(wanted), _PAIRS_AT_ONCE):
            yield from self._episodes(wanted[start : start + _PAIRS_AT_ONCE])

    def _episodes(self, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, list[EpisodeRow]]]:
        self._stage_pairs(pairs)
        rows = self._rows(
            f"SELECT campaign, repository, {_EPISODE_COLUMNS} FROM opening "  # noqa: S608 - constants
            "SEMI JOIN pair USING (campaign, repository) "
            "ORDER BY campaign, repository, item, number"
        )
        missing = dict.fromkeys(pairs)
        for pair, group in groupby(rows, key=lambda row: (row.campaign, row.repository)):
            missing.pop(pair, None)
            yield pair, [episode_of(row) for row in group]
        for pair in missing:
            yield pair, []

    def put_teams(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Set the current owners of items. Each row is (repository key, path, team)."""
        self._connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS owner_now "
            "(repository VARCHAR, path VARCHAR, team VARCHAR)"
        )
        self._connection.execute("DELETE FROM owner_now")
        self._append("owner_now", list(rows))
        self._connection.execute(
            "UPDATE opening SET team = b.team FROM owner_now b "
            "WHERE opening.repository = b.repository AND opening.path = b.path"
        )
