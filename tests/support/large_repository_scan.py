"""Scan a small repository as if it were large, in a new process that runs this module.

A new process is needed, because a process with several threads, such as one of pytest's
workers, cannot fork helpers.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from headway.scan import job_runner, search_ahead
from headway.scan.blobs_to_read import Work
from headway.scan.known_matches import KnownMatches
from headway.scan.search_ahead import SearchAhead
from tests.support.workspaces import rows, scan

TODAY = date(2026, 6, 1)


def scanned(folder: Path, workers: int, *, log: Path | None = None, action: str = "search") -> Any:
    """Delete the store, scan, and return the items, the repositories and the number of blobs.

    Args:
        folder: The workspace.
        workers: The number of processes.
        log: Receives a line with the process ID and the number of blobs for each search.
        action: What helpers do: `search`, `die` or `hang`.
    """
    arguments = [str(folder), str(workers), str(log or ""), action]
    done = subprocess.run(
        [sys.executable, "-m", __name__, *arguments],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    return json.loads(done.stdout)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    signal.pause()


_ACTIONS: Mapping[str, Callable[[], None]] = {"search": lambda: None, "die": _die, "hang": _hang}


def _watch_searches(log: Path, act: Callable[[], None]) -> None:
    search = SearchAhead._search

    def watched(self: SearchAhead, known: KnownMatches, work: Work) -> None:
        with log.open("a") as file:
            file.write(f"{os.getpid()} {len(work)}\n")
        act()
        search(self, known, work)

    SearchAhead._search = watched  # type: ignore[method-assign]


def _leave_searches_to_helpers() -> None:
    """Let only helpers search the first group, so that only helpers fail."""
    begin = SearchAhead._begin

    def without_part(
        self: SearchAhead, plan: Callable[[], Work], *, take_part: bool = False
    ) -> None:
        begin(self, plan)

    SearchAhead._begin = without_part  # type: ignore[method-assign]
    search_ahead._SHARE_WITH_ONE_HELPER = 0.0
    search_ahead._longest_wait = lambda limits: 0.1


def _main(name: str, workers: str, log: str, action: str) -> None:
    folder = Path(name)
    job_runner._LARGE_BYTES = 0
    search_ahead._WINDOW = 3
    search_ahead._FEWEST_BLOBS = 1
    if log:
        _watch_searches(Path(log), _ACTIONS[action])
    if action != "search":
        _leave_searches_to_helpers()
    for file in folder.glob("headway.duckdb*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    outcome = scan(folder, TODAY, workers=int(workers))
    items = rows(folder, "items", "--state", "all")
    repositories = rows(folder, "status", "--by", "repository")
    sys.stdout.write(json.dumps([items, repositories, outcome.blobs]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
