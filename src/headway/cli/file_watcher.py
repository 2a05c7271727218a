"""Watch files for changes by polling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_SECONDS_BETWEEN_POLLS = 0.5


def changes(
    paths: Sequence[Path],
    wait: Callable[[], object] = lambda: time.sleep(_SECONDS_BETWEEN_POLLS),
) -> Iterator[Path]:
    """Poll the paths forever, and yield one changed file after each poll that finds changes.

    A file counts as changed if it is new, modified or deleted. If a file changes while the caller
    is busy, the next poll finds the change.

    Args:
        paths: The files to watch. For a folder, all files inside it are watched.
        wait: Called before each poll.
    """
    before = _state(paths)
    while True:
        wait()
        after = _state(paths)
        changed = sorted(
            path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
        )
        before = after
        if changed:
            yield changed[0]


def _state(paths: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for path in paths:
        for file in path.rglob("*") if path.is_dir() else (path,):
            try:
                status = file.stat()
            except OSError:
                continue  # The file does not exist or was deleted during the loop.
            if not file.is_dir():
                found[file] = (status.st_mtime_ns, status.st_size)
    return found
