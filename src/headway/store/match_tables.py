"""Matches of campaigns whose items depend on conditions, and the items derived from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from headway.model.store_records import TrackKey
from headway.progress.opening import Opening
from headway.store.connection import StorePart
from headway.store.row_codec import MATCH_COLUMNS, opening_of, opening_row

_TRACK = "campaign VARCHAR, rule VARCHAR, repository VARCHAR"


class MatchTables(StorePart):
    """Reads the matches that scans found in campaigns with conditions."""

    def openings(
        self, repositories: Sequence[str], campaigns: Sequence[str]
    ) -> dict[TrackKey, list[Opening]]:
        """Return the periods in which there were matches, by track.

        A track is a rule of a campaign in one repository.
        """
        found: dict[TrackKey, list[Opening]] = defaultdict(list)
        for row in self._rows(
            f"SELECT {MATCH_COLUMNS} FROM matched "  # noqa: S608 - a constant
            "WHERE repository IN (SELECT unnest(?)) AND campaign IN (SELECT unnest(?)) "
            "ORDER BY item, number",
            [list(repositories), list(campaigns)],
        ):
            track, opening = opening_of(row)
            found[track].append(opening)
        return found

    def matched_rules(self, campaign: str) -> set[str]:
        """Return the IDs of the rules that ever matched anything."""
        rows = self._rows("SELECT DISTINCT rule FROM matched WHERE campaign = ?", [campaign])
        return {row.rule for row in rows}


class MatchWriter(MatchTables):
    """Writes the items that are derived from matches."""

    def put_items(self, items: Mapping[TrackKey, Sequence[Opening]]) -> None:
        """Replace the openings of all items of these tracks."""
        self._stage_tracks(items)
        self._connection.execute(
            "DELETE FROM opening a USING derived b WHERE a.campaign = b.campaign "
            "AND a.rule = b.rule AND a.repository = b.repository"
        )
        rows: list[tuple[Any, ...]] = [
            opening_row(track, opening, "unowned")
            for track in sorted(items)
            for opening in items[track]
        ]
        self._append("opening", rows)

    def _stage_tracks(self, tracks: Collection[TrackKey]) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE derived ({_TRACK})")
        self._append("derived", sorted(tracks))
