"""A store in object storage, for reading and writing commands."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from headway.errors import CannotWriteError
from headway.model.object_address import ObjectAddress
from headway.scratch_dir import scratch_dir_beside
from headway.storage.local_copies import LocalCopies, check_download
from headway.storage.messages import ObjectVersion
from headway.storage.storage_client import Answer, StorageClient
from headway.storage.storage_errors import CopyDamagedError, LostRaceError, SaveError, StorageError
from headway.store.database import StoreDamagedError, StoreMissingError, StoreOlderError
from headway.store.lock import WriteLock
from headway.store.transfer import copy_of, export_history


class RemoteStore:
    """A store in object storage.

    Args:
        client: The client that sends the requests.
        folder: The folder for local copies. Only this store uses it.
    """

    def __init__(self, client: StorageClient, folder: Path) -> None:
        self.address = client.address
        self._client = client
        self._folder = folder
        self._copies = LocalCopies(client.address, folder / "versions")

    @contextmanager
    def reading(self) -> Iterator[Path]:
        """Yield a local copy of the latest version.

        Raises:
            StoreMissingError: The store does not exist yet.
            CopyDamagedError: The `with` block found damage in the local copy.
            HeadwayError: The store cannot be downloaded or used.
        """
        version = self._fetch().version
        if version is None:
            raise StoreMissingError(self.address)
        # Errors must name the object, because users do not know about the copy.
        try:
            yield self._copies.path(version)
        except StoreMissingError as error:
            raise StoreMissingError(self.address) from error
        except StoreOlderError as error:
            raise StoreOlderError(self.address, error.found) from error
        except StoreDamagedError as error:
            self._copies.discard(version)
            raise CopyDamagedError(self.address, error.reason) from error

    @contextmanager
    def writing(self, now: datetime, *, download: bool = True) -> Iterator[RemoteWriting]:
        """Yield a `RemoteWriting` for changing the latest version.

        Changes are saved only by its `save` method.

        Args:
            now: The time to record in the lock, in UTC.
            download: Whether the command needs the current content.

        Raises:
            StoreBusyError: Another process on this machine is writing to the store.
            CopyDamagedError: The `with` block found damage in the local copy.
            HeadwayError: The store cannot be downloaded or used.
        """
        work = self._folder / "writing"
        with WriteLock(self._folder / self.address.name, now, str(self.address)) as lock:
            try:
                if download:
                    answer = self._fetch(manifest=True)
                else:
                    answer = Answer(self._client.version(), False, False, None)
                writing = RemoteWriting(
                    work / self.address.name,
                    lock,
                    answer,
                    self._client,
                    self._copies,
                    self._folder,
                )
                self._prepare(work, writing, answer.version if download else None)
                yield writing
            except StoreDamagedError as error:
                if answer.version is not None:
                    self._copies.discard(answer.version)
                raise CopyDamagedError(self.address, error.reason) from error
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def _prepare(self, work: Path, writing: RemoteWriting, version: ObjectVersion | None) -> None:
        """Copy a version and the last local export to the folder for the command's changes."""
        with self._disk_errors_reported():
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            if version is not None:
                shutil.copyfile(self._copies.path(version), writing.path)
            # Files of an earlier export are reused if their tables are unchanged.
            with contextlib.suppress(FileNotFoundError):
                writing.last_export.rename(writing.export)

    def _fetch(self, *, manifest: bool = False) -> Answer:
        """Download and check the latest version, unless a local copy of it exists."""
        with self._disk_errors_reported():
            self._folder.mkdir(parents=True, exist_ok=True)
            with scratch_dir_beside(self._folder / "download") as scratch:
                file = scratch / self.address.name
                answer = self._client.fetch(self._copies.versions(), file, manifest=manifest)
                if answer.version is not None and answer.downloaded:
                    check_download(file, self.address, read_all=not answer.has_hash)
                    self._copies.add(answer.version, file)
                return answer

    @contextmanager
    def _disk_errors_reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CannotWriteError(self._folder, error.strerror or error) from error


@dataclass(frozen=True, slots=True)
class RemoteWriting:
    """A copy of a store in object storage. A command changes the copy and then saves it."""

    path: Path
    """The copy. It does not exist if the store does not exist yet or was not downloaded."""
    _lock: WriteLock
    _answer: Answer
    _client: StorageClient
    _copies: LocalCopies
    _folder: Path

    def locked(self) -> AbstractContextManager[WriteLock]:
        """Return the lock on the folder for local copies. This process already holds it."""
        return nullcontext(self._lock)

    @property
    def is_new(self) -> bool:
        """Return whether the store did not exist when the command began."""
        return self._answer.version is None

    @property
    def export(self) -> Path:
        """The folder to which the command exports the changed copy."""
        return copy_of(self.path)

    @property
    def last_export(self) -> Path:
        """The folder that keeps the last export for the next command."""
        return copy_of(self._folder / self.path.name)

    def save(self, ending: str = "") -> ObjectAddress | None:
        """Replace the object with the changed copy.

        Args:
            ending: A suffix for the key of a copy of the replaced object, or an empty string for no
                copy. A migrated store is always copied.

        Returns:
            The address of the copy of the replaced object, or None without a copy.

        Raises:
            LostRaceError: Another process has replaced the object in the meantime.
            SaveError: The object could not be replaced.
        """
        for migrated in self.path.parent.glob(f"{self.path.name}.version-*"):
            ending = ending or migrated.suffix
        kept = self._client.address.with_ending(ending) if ending and not self.is_new else None
        try:
            version = self._client.save(self.path, self._answer.version, kept.key if kept else "")
        except StorageError as error:
            raise self._unsaved(error) from error
        # The command still reads this file, so the cache receives a copy.
        with contextlib.suppress(OSError):
            self._copies.add(version, self.path, keep=True)
        return kept

    def save_export(self) -> None:
        """Replace the export in object storage with the one in `export`.

        Raises:
            StorageError: The export could not be replaced.
        """
        self._client.save_export(self.export, self._answer.manifest)
        with contextlib.suppress(OSError):
            shutil.rmtree(self.last_export, ignore_errors=True)
            self.export.rename(self.last_export)

    def _unsaved(self, error: StorageError) -> SaveError | LostRaceError:
        """Keep the changed copy, and return an error that names it.

        Unless another process has replaced the object, also keep an export of the copy.
        """
        folder = self._folder / "unsaved"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        unsaved = folder / self.path.name
        self.path.rename(unsaved)
        if error.kind == "changed":
            return LostRaceError(self._client.address, unsaved)
        export_history(unsaved, copy_of(unsaved))
        return SaveError(error, unsaved, copy_of(unsaved))
