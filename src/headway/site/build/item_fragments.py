"""Files with formatted items. The tables of teams and campaigns are assembled from them.

A team's table has the team's items in all campaigns, and a campaign's table has the items of all
teams. To format each item only once, a build writes the items of each (team, campaign) pair to its
own files, and assembles both kinds of tables from these files. If the table of a team is unchanged,
its pieces are read from the table itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TextIO

from headway.metrics.records import ItemRow
from headway.site.build.data_tables import JSON_SEPARATOR, JSON_START, RowWriter, csv_header
from headway.site.build.manifest import TablePiece
from headway.urls import DATA_FORMATS, slug, team_data


class ItemFragments:
    """A folder with a CSV and a JSON file for each team and campaign, shared by all processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, team: str, items: Iterable[ItemRow], campaigns: Sequence[str]) -> None:
        """Write a team's items in these campaigns. The items must be grouped by campaign."""
        for campaign in campaigns:
            self._place(team, campaign).mkdir(parents=True)
        for campaign, campaign_items in groupby(items, key=lambda item: item.campaign):
            csv_path, json_path = self._files(team, campaign)
            with _created(csv_path) as csv_file, _created(json_path) as json_file:
                rows = RowWriter(ItemRow, csv_file, json_file)
                rows.add_all(campaign_items)
                rows.flush()

    def has(self, team: str, campaign: str) -> bool:
        """Return whether `write` was called for this team and campaign, with or without items."""
        return self._place(team, campaign).exists()

    def pieces(self, team: str, campaigns: Iterable[str]) -> Iterator[TablePiece]:
        """Yield the sizes of a team's formatted items in these campaigns, without empty pieces."""
        for campaign in campaigns:
            csv_path, json_path = self._files(team, campaign)
            if csv_path.exists():
                yield TablePiece(campaign, csv_path.stat().st_size, json_path.stat().st_size)

    def copy(self, team: str, campaigns: Iterable[str], table: RowWriter) -> None:
        """Add a team's items in these campaigns to a table."""
        for campaign in campaigns:
            csv_path, json_path = self._files(team, campaign)
            if csv_path.exists():
                table.add_files(csv_path, json_path)

    def _place(self, team: str, campaign: str) -> Path:
        return self._folder / slug(team) / slug(campaign)

    def _files(self, team: str, campaign: str) -> Iterator[Path]:
        return (self._place(team, campaign) / f"items.{ending}" for ending in DATA_FORMATS)


def copy_piece(
    site: Path, team: str, pieces: Iterable[TablePiece], campaign: str, table: RowWriter
) -> None:
    """Add a team's items in a campaign to a table, given the team's own table.

    Args:
        site: The folder of the site with the team's table.
        team: The team.
        pieces: The pieces of the team's table, in order.
        campaign: The ID of the campaign.
        table: The table to which the rows are added.
    """
    csv_start, json_start = len(csv_header(ItemRow)), len(JSON_START)
    for piece in pieces:
        if piece.campaign == campaign:
            csv_path, json_path = (site / team_data(team, ending) for ending in DATA_FORMATS)
            with csv_path.open("rb") as csv_rows, json_path.open("rb") as json_rows:
                csv_rows.seek(csv_start)
                json_rows.seek(json_start)
                table.add_formatted(csv_rows, json_rows, piece.csv_size, piece.json_size)
            return
        csv_start += piece.csv_size
        json_start += piece.json_size + len(JSON_SEPARATOR)


def _created(path: Path) -> TextIO:
    return path.open("x", encoding="utf-8", errors="replace", newline="")
