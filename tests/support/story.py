"""Read the contents of a store, so that tests can compare two stores."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from headway.store.store_reader import open_store
from headway.store.views import VIEW_NAMES

Story = dict[str, list[tuple[Any, ...]]]


def story(store: Path) -> Story:
    """Return the sorted rows of every documented view except the scan log.

    The scan log is omitted, because it may differ between stores with the same history.
    """
    with open_store(store) as opened:
        return {
            view: sorted(opened.query(f"SELECT * FROM {view}")[1], key=repr)
            for view in VIEW_NAMES
            if view != "scans"
        }


def scan_days(store: Path) -> list[date]:
    """Return the day of each scan in the scan log, in the order of the scans."""
    with open_store(store) as opened:
        return [row[0] for row in opened.query("SELECT today FROM scans ORDER BY id")[1]]
