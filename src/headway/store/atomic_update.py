"""Update a store atomically. A scan writes to a copy, which then replaces the store.

If a process is killed, either the old or the new store remains. DuckDB could also write to the
store itself, but it locks the file: a scan could not start while a command reads the store, and no
command could read the store during a scan. With a copy, readers and writers never wait for each
other, and no blocks of the old store are overwritten. See `benchmarks/NIGHTLY.md`.
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

from headway.errors import CannotWriteError, HeadwayError
from headway.scratch_dir import scratch_dir_beside
from headway.store import seal
from headway.store.database import (
    StoreDamagedError,
    connect_to_copy,
    connect_to_fill,
    exists,
    fold_log,
    log_of,
    spill_of,
    version_of,
)
from headway.store.table_definitions import VERSION

REFUSALS = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.TransactionException,
)
"""DuckDB's errors for write operations that the disk or the operating system rejects."""


class StoreWriteError(HeadwayError):
    """The disk or the operating system rejected a write operation."""

    def __init__(self, store: Path, reason: object) -> None:
        # Show the operating system's message without the text that DuckDB adds.
        message = str(reason).splitlines()[0].rpartition("Original error: ")[2]
        super().__init__(
            f"{store} could not be written ({message}), and its history is unchanged; "
            "free some disk space or make the file writable, and try again."
        )


@contextmanager
def next_version(store: Path, now: datetime) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to a copy of the store, or to a new store if it does not exist.

    The copy replaces the store when the `with` block ends without an error. A store in an older
    format is migrated, and the old file is kept beside the new one. Call this function only while
    holding `lock.WriteLock`.

    Raises:
        StoreWriteError: The disk or the operating system rejected a write operation.
        StoreNewerError: A newer version of Headway wrote the store.
        StoreDamagedError: The store is damaged.
        HeadwayError: The store cannot be used for another reason.
    """
    with replacement(store) as new:
        found, connection = _copy(store, new)
        try:
            connection = connect_to_fill(new, now, connection=connection)
        except StoreDamagedError as error:
            # The error must name the store, because users do not know about the copy.
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
    """Yield a path for a new file, which replaces the store if the block raises no error.

    Call this function only while holding `lock.WriteLock`.

    Raises:
        StoreWriteError: The disk or the operating system rejected a write operation.
        CannotWriteError: The store is a broken symbolic link.
    """
    target = _without_links(store)
    new = target.with_name(f"{target.name}.new")
    discard(new)
    try:
        yield new
        with _errors_reported(store):
            seal.seal(new)
            new.replace(target)
            _flush_folder(target.parent)
    finally:
        discard(new)


@contextmanager
def held(store: Path) -> Iterator[Path]:
    """Yield a second name for the current store file, so that it can be opened twice.

    A scan that ends in the meantime replaces only the first name. If no second name can be created,
    for example in a read-only folder, the function yields the first name.
    """
    with contextlib.ExitStack() as stack:
        target = store.resolve()
        name = store
        with contextlib.suppress(OSError):
            folder = stack.enter_context(scratch_dir_beside(target))
            linked = folder / store.name
            os.link(target, linked)
            if log_of(target).exists():
                os.link(log_of(target), log_of(linked))
            name = linked
        yield name


def keep(store: Path, name: Path) -> None:
    """Save a store under another name before it is replaced. Raises `StoreWriteError`."""
    with _errors_reported(store):
        name.unlink(missing_ok=True)
        try:
            os.link(store.resolve(), name)
        except OSError:
            # The file system has no hard links, or `name` is on another file system.
            shutil.copy2(store, name)


def _without_links(store: Path) -> Path:
    """Return the target of a symbolic link, so that the link itself is not replaced."""
    try:
        return store.resolve()
    except (OSError, RuntimeError) as error:
        # Before Python 3.13, a link that points to itself raises a RuntimeError.
        raise CannotWriteError(store, "its symbolic links lead nowhere") from error


def _copy(store: Path, new: Path) -> tuple[int, duckdb.DuckDBPyConnection | None]:
    """Copy the store if it exists.

    Returns:
        The version of the store and a connection to it, or (0, None) if it does not exist.
    """
    if not exists(store):
        return 0, None
    fold_log(store)
    # The open connection keeps other programs from writing to the store during the copy.
    connection = connect_to_copy(store, empty=True, spill=spill_of(new))
    try:
        with _errors_reported(store):
            shutil.copy(store, new)
        return version_of(connection), connection
    except BaseException:
        connection.close()
        raise


@contextmanager
def _errors_reported(store: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreWriteError(store, error.strerror or error) from error


def discard(new: Path) -> None:
    """Remove all files of a copy, including the files of a killed scan."""
    for part in (new, log_of(new)):
        part.unlink(missing_ok=True)
    shutil.rmtree(spill_of(new), ignore_errors=True)


def _flush_folder(folder: Path) -> None:
    """Write a rename to the disk. The checkpoint has already written the file's content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
