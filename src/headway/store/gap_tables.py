"""Gaps: versions of files that a rule could not read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import duckdb

from headway.model.store_records import GapSpan, TrackKey
from headway.progress.gaps import Gap, Unread
from headway.store.connection import StagingPart, StorePart
from headway.store.row_codec import seconds, timestamp

_SAME_TRACK = "a.campaign = b.campaign AND a.rule = b.rule AND a.repository = b.repository"
_SETTLE = (
    ("gapped_track", f"DELETE FROM gap a USING gapped_track b WHERE {_SAME_TRACK}"),  # noqa: S608 - a constant
    ("staged_gap", "INSERT INTO gap FROM staged_gap ORDER BY ALL"),
)


class GapTables(StorePart):
    """Reads the gaps that scans recorded."""

    def of_tracks(
        self, repositories: Sequence[str], campaigns: Sequence[str]
    ) -> dict[TrackKey, list[Gap]]:
        """Return all gaps in these repositories and campaigns, by track."""
        found: dict[TrackKey, list[Gap]] = defaultdict(list)
        for row in self._rows(
            "FROM gap WHERE repository IN (SELECT unnest(?)) AND campaign IN (SELECT unnest(?)) "
            "ORDER BY opened_at, path",
            [list(repositories), list(campaigns)],
        ):
            found[TrackKey(row.campaign, row.rule, row.repository)].append(_gap_of(row))
        return found

    def causes(self) -> dict[TrackKey, set[Unread]]:
        """Return the distinct kinds and limits of each track's gaps. The other fields are empty."""
        found: dict[TrackKey, set[Unread]] = defaultdict(set)
        for row in self._rows('SELECT DISTINCT campaign, rule, repository, kind, "limit" FROM gap'):
            key = TrackKey(row.campaign, row.rule, row.repository)
            found[key].add(Unread(row.kind, "", "", row.limit))
        return found

    def spans(self, campaign: str | None = None) -> list[GapSpan]:
        """Return gaps, combined by rule, repository and days.

        Args:
            campaign: The campaign to read. None means all campaigns.
        """
        return [
            GapSpan(*row)
            for row in self._rows(
                "SELECT campaign, repository, rule, opened_on, at_baseline, closed_on, "
                "count(*) AS versions, first(path ORDER BY opened_at, path) AS path, "
                "first(opened_commit ORDER BY opened_at, path) AS opened_commit, "
                "first(reason ORDER BY opened_at, path) AS reason "
                "FROM gap WHERE campaign = coalesce(?, campaign) GROUP BY ALL "
                "ORDER BY campaign, repository, opened_on, rule, closed_on, at_baseline",
                [campaign],
            )
        ]


class GapWriter(GapTables, StagingPart):
    """Collects the gaps that walks found, and then stores all of them at once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        connection.execute("CREATE TEMP TABLE staged_gap AS FROM gap LIMIT 0")
        connection.execute(
            "CREATE TEMP TABLE gapped_track AS SELECT campaign, rule, repository FROM gap LIMIT 0"
        )
        self._tracks: list[TrackKey] = []
        self._staged: list[tuple[Any, ...]] = []

    def stage(self, track: TrackKey, gaps: Sequence[Gap]) -> None:
        """Collect all gaps of one rule in one repository. `settle` stores them later."""
        self._tracks.append(track)
        self._staged += [_row_of(track, gap) for gap in gaps]

    def settle(self) -> None:
        """Store all collected gaps, and replace earlier gaps of the same tracks."""
        self._add_staged("gapped_track", self._tracks)
        self._add_staged("staged_gap", self._staged)
        self._tracks, self._staged = [], []
        self._store_staged(_SETTLE)


def _row_of(track: TrackKey, gap: Gap) -> tuple[Any, ...]:
    """Return a gap as a row for the `gap` table, in the order of the columns."""
    return (
        *track,
        gap.path,
        gap.unread.kind,
        gap.unread.reason,
        gap.unread.blob,
        gap.unread.limit,
        timestamp(gap.opened_at),
        gap.opened_on,
        gap.opened_commit,
        gap.at_baseline,
        None if gap.closed_at is None else timestamp(gap.closed_at),
        gap.closed_on,
        gap.closed_commit,
    )


def _gap_of(row: Any) -> Gap:
    """Decode the result of `_row_of`, without the track."""
    return Gap(
        row.path,
        Unread(row.kind, row.reason, row.blob, row.limit),
        seconds(row.opened_at),
        row.opened_on,
        row.opened_commit,
        row.at_baseline,
        None if row.closed_at is None else seconds(row.closed_at),
        row.closed_on,
        row.closed_commit,
    )
