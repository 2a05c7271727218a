"""What a store says, in a form that two of them can be compared in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from headway.store.store_reader import open_store
from headway.store.table_definitions import VIEW_NAMES

Story = dict[str, list[tuple[Any, ...]]]


def story(store: Path) -> Story:
    """Every documented view, sorted, but for the scan log: it tells how an answer was come by."""
    with open_store(store) as opened:
        return {
            view: sorted(opened.query(f"SELECT * FROM {view}")[1], key=repr)
            for view in VIEW_NAMES
            if view != "scans"
        }


def scan_days(store: Path) -> list[date]:
    """The days of all scans in the log, in order."""
    with open_store(store) as opened:
        return [row[0] for row in opened.query("SELECT today FROM scans ORDER BY id")[1]]
