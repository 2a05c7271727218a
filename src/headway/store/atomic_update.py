"""A store is never written to: a copy of it is, which then takes its place in one step.

Whoever is killed at whatever instant leaves the one or the other. DuckDB's own log keeps what was
committed, but its checkpoint writes over blocks that the file still needs, so that a write which
is cut short leaves neither. And so nobody who reads is in the way, or has to wait.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from headway.errors import HeadwayError
from headway.scratch_dir import scratch_dir_beside
from headway.store.database import (
    StoreDamagedError,
    connect_to_copy,
    connect_to_fill,
    fold_log,
    log_of,
    spill_of,
    version_of,
)
from headway.store.table_definitions import VERSION


class StoreWriteError(HeadwayError):
    """The disk or the system would not take what was to be written."""

    def __init__(self, store: Path, reason: object) -> None:
        # without what DuckDB makes of what the system said
        said = str(reason).splitlines()[0].rpartition("Original error: ")[2]
        super().__init__(
            f"{store} could not be written ({said}); the history there is as it was: "
            "make room or make it writable, and try again."
        )


@contextmanager
def next_version(store: Path, now: datetime) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a copy of the store, or to a new one where there is none; what is written
    counts when the block ends without an error.

    A store of an older version is migrated, and kept beside the new one. Call it only under
    `lock.WriteLock`. Raises `StoreWriteError`, `StoreNewerError`, `StoreDamagedError` and
    `StoreBusyError`, and lets the block's own errors through.
    """
    with replacement(store) as new:
        found = _copy(store, new)
        try:
            connection = connect_to_fill(new, now)
        except StoreDamagedError as error:
            # it is as the store is, and nobody has ever seen it
            raise StoreDamagedError(store, error.reason) from error
        try:
            yield connection
            connection.execute("CHECKPOINT store")
        finally:
            connection.close()
        if found < VERSION and store.exists():
            keep(store, store.with_name(f"{store.name}.version-{found}"))


@contextmanager
def replacement(store: Path) -> Iterator[Path]:
    """Where to write what is to take the place of the store when the block ends without an error.

    Call it only under `lock.WriteLock`. Raises `StoreWriteError`.
    """
    # a link stays one: what it points to is replaced
    target = store.resolve()
    new = target.with_name(f"{target.name}.new")
    _discard(new)
    try:
        yield new
        with _refused(store):
            new.replace(target)
            _to_disk(target.parent)
    finally:
        _discard(new)


@contextmanager
def held(store: Path) -> Iterator[Path]:
    """Another name for a store as it is now, for whoever opens it more than once: a scan that
    ends meanwhile gives the first name to another one.

    Where it can have no other name, as in a folder that may not be written to, that is the first.
    """
    with contextlib.ExitStack() as stack:
        target = store.resolve()
        name = store
        with contextlib.suppress(OSError):
            room = stack.enter_context(scratch_dir_beside(target))
            linked = room / store.name
            os.link(target, linked)
            if log_of(target).exists():
                os.link(log_of(target), log_of(linked))
            name = linked
        yield name


def keep(store: Path, name: Path) -> None:
    """Gives a store, which is about to be replaced, another name. Raises `StoreWriteError`."""
    with _refused(store):
        name.unlink(missing_ok=True)
        try:
            os.link(store.resolve(), name)
        except OSError:
            # a file system without links, or another one
            shutil.copy2(store, name)


def _copy(store: Path, new: Path) -> int:
    """Copies what is there; gives its version, 0 when there is nothing."""
    if not store.exists():
        return 0
    fold_log(store)
    # holding it open keeps everybody from writing to it meanwhile
    with contextlib.closing(connect_to_copy(store, empty=True)) as connection:
        with _refused(store):
            shutil.copy(store, new)
        return version_of(connection)


@contextmanager
def _refused(store: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreWriteError(store, error.strerror or error) from error


def _discard(new: Path) -> None:
    """Nothing of it is there before, when a scan was killed, and nothing is left after."""
    for part in (new, log_of(new)):
        part.unlink(missing_ok=True)
    shutil.rmtree(spill_of(new), ignore_errors=True)


def _to_disk(folder: Path) -> None:
    """That a file has another name now; its content is there since the checkpoint."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
