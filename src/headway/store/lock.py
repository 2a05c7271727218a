"""The lock that allows one writer at a time and names the process that holds it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from headway.errors import CannotWriteError, HeadwayError


class StoreBusyError(HeadwayError):
    """Another process is writing to this store."""

    def __init__(self, path: object, holder: str) -> None:
        super().__init__(
            f"{path} is in use by {holder}; try again when that process has finished, or stop it."
        )


class WriteLock:
    """A write lock on a store. The operating system releases it if the process dies.

    The lock file beside the store describes the process that holds the lock. After the release, the
    file remains, because only the lock on the file matters. Processes that are forked from the
    holder do not hold the lock.

    Args:
        store: The store's file.
        now: The time to record in the lock file, in UTC.
        shown: The name of the store in error messages. None means its path.
    """

    def __init__(self, store: Path, now: datetime, shown: str | None = None) -> None:
        self._store = store
        self._shown = shown or store
        self._path = lock_path(store)
        self._now = now
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Acquire the lock. Raises `StoreBusyError` if another process holds it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise CannotWriteError(self._path, error.strerror or error) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise StoreBusyError(self._shown, holder(self._store)) from None
        described = {
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": f"{self._now:%Y-%m-%d %H:%M:%S} UTC",
        }
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(described).encode(), 0)
        _held.add(self._descriptor)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        _held.discard(self._descriptor)
        os.close(self._descriptor)


def lock_path(store: Path) -> Path:
    """Return the path of a store's lock file."""
    return store.with_name(store.name + ".lock")


def holder(store: Path) -> str:
    """Return a phrase about the holder of the lock, based on the lock file."""
    try:
        described = json.loads(lock_path(store).read_text("utf-8"))
        return "process {process} on {host} since {since}".format(**described)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"


_held: set[int] = set()


def _close_inherited() -> None:
    while _held:
        os.close(_held.pop())


# The operating system keeps the lock until no process, including children, has the file open.
os.register_at_fork(after_in_child=_close_inherited)
