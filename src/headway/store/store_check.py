"""Check a whole store: its file, and the rows of all tables."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from headway.errors import HeadwayError
from headway.store.consistency import inconsistencies
from headway.store.database import StoreDamagedError, connect_to_copy, version_of
from headway.store.table_definitions import VERSION


def problems_of_store(store: Path) -> list[str]:
    """Return the problems of a store, as sentences or phrases.

    Args:
        store: The database file. A store in an older format is not checked, because its tables
            differ.
    """
    try:
        with closing(connect_to_copy(store)) as connection:
            if version_of(connection) < VERSION:
                return []
            found = list(inconsistencies(connection))
    except duckdb.Error as error:
        return [str(StoreDamagedError(store, error))]
    except HeadwayError as error:
        return [str(error)]
    cure = f"`headway import --replace {store.name}.export` restores the history of the last scan"
    return [*found, cure] if found else []
