"""Detection of file changes by polling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_SECONDS_BETWEEN_POLLS = 0.5


def changes(
    paths: Sequence[Path],
    wait: Callable[[], object] = lambda: time.sleep(_SECONDS_BETWEEN_POLLS),
) -> Iterator[Path]:
    """Poll the paths forever; yield one file after each poll that finds changes.

    A file counts as changed if it is new, modified or deleted. Changes that happen while the
    caller is busy are found by the next poll.

    Args:
        paths: Files, and folders with everything below them.
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
    """Return the modification time, in nanoseconds, and the size of each file."""
    found = {}
    for path in paths:
        for file in path.rglob("*") if path.is_dir() else (path,):
            try:
                status = file.stat()
            except OSError:
                continue  # the file does not exist, or was deleted after the folder was listed
            if not file.is_dir():
                found[file] = (status.st_mtime_ns, status.st_size)
    return found
