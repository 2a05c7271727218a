"""What a store says after a scan, in a form that two of them can be compared in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headway.store.reading import open_store
from headway.store.schema import VIEW_NAMES

_OF_THE_RUN = {"id", "started_at", "finished_at", "commits", "blobs", "unchanged"}
"""In the scan log: how a scan came to its answer, which a disturbed one does in other steps."""


def story(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every documented view, sorted; the scan log without what tells of the run itself."""
    told = {}
    with open_store(store) as opened:
        for view in VIEW_NAMES:
            names, rows = opened.query(f"SELECT * FROM {view}")
            kept = [
                index
                for index, name in enumerate(names)
                if view != "scans" or name not in _OF_THE_RUN
            ]
            told[view] = sorted((tuple(row[at] for at in kept) for row in rows), key=repr)
    return told
