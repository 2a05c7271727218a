"""Make small stores cheaper in tests, where DuckDB takes most of the time of a scan.

The tests in `tests/store`, and all commands that tests run in another process, use stores as users
do.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from headway.store import atomic_update
from headway.store.database import connect_to_fill

_connect = duckdb.connect


@contextmanager
def small_stores(empty: Path) -> Iterator[None]:
    """Let new stores be copies of an empty one, and let DuckDB use one thread per connection.

    Args:
        empty: The path at which to create the empty store.
    """
    connect_to_fill(empty, datetime(2020, 1, 1, tzinfo=UTC)).close()

    def copy_or_connect(
        path: Path, now: datetime, *others: Any, **named: Any
    ) -> duckdb.DuckDBPyConnection:
        is_new = not path.exists() and _copied(empty, path)
        connection = connect_to_fill(path, now, *others, **named)
        if is_new:
            applied_at = now.replace(tzinfo=None)
            connection.execute("UPDATE schema_version SET applied_at = ?", [applied_at])
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic_update, "connect_to_fill", copy_or_connect)
        patch.setattr(duckdb, "connect", _connect_with_one_thread)
        yield


@contextmanager
def ordinary_stores() -> Iterator[None]:
    """Undo `small_stores` in the `with` block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic_update, "connect_to_fill", connect_to_fill)
        patch.setattr(duckdb, "connect", _connect)
        yield


def _connect_with_one_thread(
    database: Any = ":memory:", *others: Any, **named: Any
) -> duckdb.DuckDBPyConnection:
    if database == ":memory:":
        named["config"] = {"threads": 1, **named.get("config", {})}
    return _connect(database, *others, **named)


def _copied(empty: Path, path: Path) -> bool:
    """Copy a file. Return False if the file system refuses this, as it does in tests of faults."""
    try:
        shutil.copyfile(empty, path)
    except OSError:
        path.unlink(missing_ok=True)
        return False
    return True
