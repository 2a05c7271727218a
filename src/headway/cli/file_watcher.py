"""Files that change while somebody works on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_SECONDS = 0.5


def changes(
    paths: Sequence[Path], wait: Callable[[], object] = lambda: time.sleep(_SECONDS)
) -> Iterator[Path]:
    """The first file that changed, came or went, each time that anything did; without end.

    paths: files and folders; folders count with everything below them. wait: passes the time
    between two looks. What changes while the caller is busy is told at the next look.
    """
    before = _look(paths)
    while True:
        wait()
        after = _look(paths)
        changed = sorted(
            path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
        )
        before = after
        if changed:
            yield changed[0]


def _look(paths: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for path in paths:
        for file in path.rglob("*") if path.is_dir() else (path,):
            try:
                seen = file.stat()
            except OSError:
                continue  # it went away in between
            if not file.is_dir():
                found[file] = (seen.st_mtime_ns, seen.st_size)
    return found
