"""The base class for tables whose rows are the openings of tracked items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import ClassVar

from headway.model.store_records import TrackKey
from headway.progress.opening import Opening
from headway.store.connection import StorePart
from headway.store.row_codec import opening_of


class TrackTables(StorePart):
    """Reads a table of openings. A track is a rule of a campaign in one repository."""

    table: ClassVar[str]
    columns: ClassVar[str]
    """The columns that `opening_of` needs, as in a SELECT clause."""

    def openings(
        self, repositories: Sequence[str], campaigns: Sequence[str]
    ) -> dict[TrackKey, list[Opening]]:
        """Return all recorded openings in these repositories and campaigns, by track."""
        found: dict[TrackKey, list[Opening]] = defaultdict(list)
        for row in self._rows(
            f"SELECT {self.columns} FROM {self.table} "  # noqa: S608 - constants
            "WHERE repository IN (SELECT unnest(?)) AND campaign IN (SELECT unnest(?)) "
            "ORDER BY item, number",
            [list(repositories), list(campaigns)],
        ):
            track, opening = opening_of(row)
            found[track].append(opening)
        return found
