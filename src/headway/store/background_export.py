"""Export a store in a thread while the command does other work."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from headway.store.store_reader import Store
from headway.store.transfer import export_history

_SECONDS_BETWEEN_INTERRUPTS = 0.02
_CONNECTIONS = 2
"""The number of tables that are exported at the same time. DuckDB writes a table of up to 122,880
rows in a single thread.
"""


@contextmanager
def exported_meanwhile(store: Store, path: Path, folder: Path) -> Iterator[None]:
    """Export a store while the `with` block reads from it. The block ends after the export.

    If the block raises an exception, the export is interrupted, and the earlier export remains.

    Args:
        store: The open store. Its connection must be allowed to write files.
        path: The store's file.
        folder: The folder of the export.

    Raises the errors of `export_history`.
    """
    connections = [store.cursor() for _ in range(_CONNECTIONS)]
    with ThreadPoolExecutor(1, thread_name_prefix="headway-export") as executor:
        future = executor.submit(export_history, path, folder, connections)
        try:
            yield
            future.result()
        except BaseException:
            # An interrupt affects only the queries that are running.
            while not future.done():
                for connection in connections:
                    # The export may have closed the connection in the meantime.
                    with suppress(duckdb.Error):
                        connection.interrupt()
                wait([future], _SECONDS_BETWEEN_INTERRUPTS)
            raise
