"""Folders for work in progress, beside what it is about; none stays when its maker was killed."""

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
    """A new folder beside `target` for the time of the block; it is locked as long as we live.

    Those of others who were killed go first. Raises `OSError`.
    """
    remove_stale_scratch_dirs(target)
    while True:
        room = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        descriptor = os.open(room, os.O_RDONLY)
        if _lock(descriptor) and room.exists():
            break
        # somebody else took it for a left-over before it was locked
        os.close(descriptor)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
        os.close(descriptor)


def remove_stale_scratch_dirs(target: Path) -> None:
    """Takes away the rooms of those who were killed."""
    for room in target.parent.glob(f"{_prefix(target)}*"):
        try:
            descriptor = os.open(room, os.O_RDONLY)
        except OSError:
            continue  # its maker has just ended
        try:
            if _lock(descriptor):
                shutil.rmtree(room, ignore_errors=True)
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
