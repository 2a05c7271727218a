"""Open the store of a workspace: a file, or an object in object storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headway.cli import invocation
from headway.storage.messages import Patience

if TYPE_CHECKING:
    from headway.config.workspace import Workspace
    from headway.model.object_address import ObjectAddress
    from headway.storage.remote_store import RemoteStore, RemoteWriting
    from headway.storage.storage_client import StorageClient
    from headway.store.lock import WriteLock
    from headway.store.store_reader import Store

PATIENCE = Patience()
"""How long commands wait for object storage."""


@dataclass(frozen=True, slots=True)
class LocalWriting:
    """A store that is a file. Commands write to it directly, so nothing remains to be saved."""

    path: Path
    is_new: bool = False
    """Always false. A scan reports a new history only for a store in object storage."""

    def locked(self) -> WriteLock:
        """Return the lock of the store. The command must acquire it."""
        from headway.store.lock import WriteLock

        return WriteLock(self.path, invocation.now())

    def save(self) -> None:
        """Do nothing."""

    def save_export(self) -> None:
        """Do nothing."""


@contextmanager
def open_history(workspace: Workspace) -> Iterator[Store]:
    """Open the store of a workspace for reading.

    Raises the errors of `reading` and of `store_reader.open_store`.
    """
    from headway.store.store_reader import open_store

    with reading(workspace) as path, open_store(path) as store:
        yield store


def reading(workspace: Workspace) -> AbstractContextManager[Path]:
    """Yield the path of the store, or of a copy of the latest version in object storage.

    Raises:
        HeadwayError: The store cannot be downloaded, or does not exist in object storage.
    """
    remote = remote_store(workspace)
    return remote.reading() if remote else nullcontext(workspace.settings.store)


@contextmanager
def writing(workspace: Workspace) -> Iterator[LocalWriting | RemoteWriting]:
    """Yield the store for writing.

    The command must call `save`, which can fail, before the `with` block ends.

    Raises:
        HeadwayError: A store in object storage cannot be downloaded, or another process on this
            machine is writing to it.
    """
    remote = remote_store(workspace)
    if remote is None:
        yield LocalWriting(workspace.settings.store)
        return
    with remote.writing(invocation.now()) as store:
        yield store


def remote_store(workspace: Workspace) -> RemoteStore | None:
    """Return the workspace's store in object storage, or None if the store is a file."""
    address = workspace.settings.remote_store
    if address is None:
        return None
    from headway.storage.remote_store import RemoteStore

    return RemoteStore(storage_client(address), workspace.settings.store.parent)


def storage_client(address: ObjectAddress) -> StorageClient:
    """Return a client for an object, with the settings and credentials from the environment."""
    from headway.storage.storage_client import StorageClient

    return StorageClient(address, invocation.environment(), PATIENCE)
