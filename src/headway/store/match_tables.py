"""Matches in campaigns with conditions, and the items derived from these matches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from headway.model.store_records import TrackKey
from headway.progress.opening import Opening
from headway.store.row_codec import MATCH_COLUMNS, opening_row
from headway.store.track_tables import TrackTables

_TRACK = "campaign VARCHAR, rule VARCHAR, repository VARCHAR"


class MatchTables(TrackTables):
    """Reads the matches that scans found in campaigns with conditions."""

    table = "matched"
    columns = MATCH_COLUMNS

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
