"""Temporary folders beside a target path. Folders left by killed processes are deleted."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_dir_beside(target: Path) -> Iterator[Path]:
    """Create a temporary folder beside `target` and delete it when the block ends.

    The folder is locked until the block ends. Before it is created, unlocked temporary folders
    beside `target` are deleted, because the processes that created them were killed.

    Raises:
        OSError: The folder could not be created.
    """
    remove_stale_scratch_dirs(target)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        descriptor = os.open(folder, os.O_RDONLY)
        if _lock(descriptor) and folder.exists():
            break
        # Another process deleted the new folder before this process locked it.
        os.close(descriptor)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_stale_scratch_dirs(target: Path) -> None:
    """Delete the temporary folders that killed processes left beside `target`."""
    for folder in target.parent.glob(f"{_prefix(target)}*"):
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except OSError:
            continue  # The process that created the folder has just deleted it.
        try:
            if _lock(descriptor):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)


def _prefix(target: Path) -> str:
    return f".{target.name}.headway-"


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
