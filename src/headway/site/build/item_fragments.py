"""Formatted items of each team and campaign, from which two kinds of tables are put together.

A team's table has its items of all campaigns, and a campaign's table those of all teams. Every
item is therefore read and formatted once, into a pair of files for its team and campaign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TextIO

from headway.metrics.records import ItemRow
from headway.site.build.data_tables import FORMATS, RowWriter
from headway.urls import slug


class ItemFragments:
    """Pairs of files in one folder, which all processes of a build share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, team: str, items: Iterable[ItemRow], campaigns: Sequence[str]) -> None:
        """Writes a team's items in these campaigns, which come grouped by campaign."""
        for campaign in campaigns:
            self._place(team, campaign).mkdir(parents=True)
        for campaign, own in groupby(items, key=lambda item: item.campaign):
            csv_path, json_path = self._files(team, campaign)
            with _created(csv_path) as csv_file, _created(json_path) as json_file:
                rows = RowWriter(ItemRow, csv_file, json_file)
                rows.add_all(own)
                rows.flush()

    def has(self, team: str, campaign: str) -> bool:
        """Whether this build has written the team's items in the campaign; there may be none."""
        return self._place(team, campaign).exists()

    def copy(self, team: str, campaigns: Iterable[str], table: RowWriter) -> None:
        """Adds a team's items in these campaigns to a table."""
        for campaign in campaigns:
            csv_path, json_path = self._files(team, campaign)
            if csv_path.exists():
                table.add_files(csv_path, json_path)

    def _place(self, team: str, campaign: str) -> Path:
        return self._folder / slug(team) / slug(campaign)

    def _files(self, team: str, campaign: str) -> Iterator[Path]:
        return (self._place(team, campaign) / f"items.{each}" for each in FORMATS)


def _created(path: Path) -> TextIO:
    """A new text file, encoded as the files of a site are."""
    return path.open("x", encoding="utf-8", errors="replace", newline="")
