"""Write the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from headway.model.movement import MOVEMENT_COLUMNS, Movement
from headway.progress.ledger import Ledger
from headway.store.ledger_tables import LedgerTables, Pair

_ROWS_AT_ONCE = 100_000


class LedgerTableWriter(LedgerTables):
    """Writes the ledger."""

    def put(
        self,
        pairs: Sequence[Pair],
        by_current_owners: Iterable[tuple[Pair, Ledger]],
        by_historical_owners: Iterable[tuple[Pair, Ledger]],
    ) -> None:
        """Replace the movements of these pairs.

        Args:
            pairs: The pairs to replace, including pairs that no longer have movements.
            by_current_owners: The pairs' ledgers by current owners.
            by_historical_owners: The pairs' ledgers by historical owners, if these differ.
        """
        self._put("movement", pairs, by_current_owners)
        self._put("movement_then", pairs, by_historical_owners)

    def _put(
        self, table: str, pairs: Sequence[Pair], ledgers: Iterable[tuple[Pair, Ledger]]
    ) -> None:
        self._stage_pairs(pairs)
        self._connection.execute(
            f"DELETE FROM {table} a USING pair b "  # noqa: S608 - table names of ours
            "WHERE a.campaign = b.campaign AND a.repository = b.repository"
        )
        counts = attrgetter(*self._count_columns(table))
        rows: list[tuple[Any, ...]] = []
        for pair, ledger in ledgers:
            rows += (
                (*pair, rule, team, day, *counts(movement))
                for (rule, team, day), movement in sorted(ledger.items(), key=_key)
            )
            if len(rows) > _ROWS_AT_ONCE:
                self._append(table, rows)
                rows = []
        self._append(table, rows)

    def _count_columns(self, table: str) -> list[str]:
        """Return the columns with counts, in the order of the table.

        The fields of `Movement` can have another order, because migrations append columns.
        """
        result = self._connection.execute(f"FROM {table} LIMIT 0")
        return [column[0] for column in result.description or () if column[0] in MOVEMENT_COLUMNS]

    def put_recorded_ownership(self, recorded: Mapping[Pair, str]) -> None:
        """Replace the fingerprints of the owners that the ledgers were computed with."""
        if dict(recorded) != self.recorded_ownership():
            rows = [(*pair, fingerprint) for pair, fingerprint in recorded.items()]
            self._replace("booking", rows)


def _key(entry: tuple[tuple[str, str, date], Movement]) -> tuple[str, str, date]:
    return entry[0]
