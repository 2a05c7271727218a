"""Write one scan to a store in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

import duckdb

from headway.store.atomic_update import REFUSALS, StoreWriteError, next_version
from headway.store.campaign_tables import CampaignWriter
from headway.store.database import StoreDamagedError, is_damage, names_damage
from headway.store.exemption_tables import ExemptionWriter
from headway.store.gap_tables import GapWriter
from headway.store.item_tables import ItemWriter
from headway.store.ledger_table_writer import LedgerTableWriter
from headway.store.lock import WriteLock
from headway.store.match_tables import MatchWriter
from headway.store.move_tables import MoveWriter
from headway.store.ownership_tables import OwnershipWriter
from headway.store.repository_tables import RepositoryWriter
from headway.store.scan_tables import ScanLogWriter
from headway.store.scope_tables import ScopeWriter
from headway.store.state_tables import StateWriter
from headway.store.walk_tables import WalkWriter


class ScanWriter:
    """A store opened for writing. Each attribute contains the methods for one subject."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.campaigns = CampaignWriter(connection)
        self.repositories = RepositoryWriter(connection)
        self.scope = ScopeWriter(connection)
        self.items = ItemWriter(connection)
        self.walks = WalkWriter(connection)
        self.matches = MatchWriter(connection)
        self.moves = MoveWriter(connection)
        self.gaps = GapWriter(connection)
        self.ledger = LedgerTableWriter(connection)
        self.states = StateWriter(connection)
        self.ownership = OwnershipWriter(connection)
        self.exemptions = ExemptionWriter(connection)
        self.scans = ScanLogWriter(connection)

    def settle(self) -> None:
        """Store all collected openings, gaps and versions of owner files."""
        self.ownership.settle()
        self.walks.settle()
        self.gaps.settle()


@contextmanager
def write_scan(path: Path, now: datetime, lock: WriteLock | None = None) -> Iterator[ScanWriter]:
    """Open a store for writing. Changes are saved if the `with` block raises no error.

    Args:
        path: The store's file.
        now: The time to record in the lock and in migrations, in UTC.
        lock: The store's lock, if the caller holds it. None means that the lock is acquired.

    Raises the same errors as `atomic_update.next_version`.
    """
    with WriteLock(path, now) if lock is None else nullcontext():
        try:
            with next_version(path, now) as connection:
                connection.execute("BEGIN")
                yield ScanWriter(connection)
                connection.execute("COMMIT")
        except duckdb.Error as error:
            if names_damage(error):
                raise StoreDamagedError(path, error) from error
            if isinstance(error, REFUSALS):
                raise StoreWriteError(path, error) from error
            if is_damage(error):
                raise StoreDamagedError(path, error) from error
            raise
