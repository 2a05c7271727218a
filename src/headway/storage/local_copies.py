"""Local copies of a store in object storage, one folder for each version."""

from __future__ import annotations

import contextlib
import json
import shutil
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import duckdb

from headway.errors import HeadwayError
from headway.hashing import fingerprint_of
from headway.model.object_address import ObjectAddress
from headway.scratch_dir import scratch_dir_beside
from headway.storage.messages import ObjectVersion
from headway.storage.storage_errors import ObjectDamagedError
from headway.store.database import (
    StoreDamagedError,
    StoreForeignError,
    StoreMissingError,
    StoreNewerError,
    connect_to_copy,
    read_everything,
)

_KEPT_COPIES = 2
"""The number of copies to keep. A command can still use its copy after another command has
downloaded a newer one.
"""
_VERSION = "version.json"


class LocalCopies:
    """The copies in one folder.

    Args:
        address: The address of the store.
        folder: The folder. It is created on demand.
    """

    def __init__(self, address: ObjectAddress, folder: Path) -> None:
        self._address = address
        self._folder = folder

    def versions(self) -> list[ObjectVersion]:
        """Return the versions that have a copy."""
        found = []
        for file in self._folder.glob(f"*/{_VERSION}"):
            with contextlib.suppress(OSError, ValueError, TypeError, RecursionError):
                version = ObjectVersion(**json.loads(file.read_text("utf-8")))
                if self.path(version).stat().st_size == version.size:
                    found.append(version)
        return found

    def path(self, version: ObjectVersion) -> Path:
        """Return the path of the copy of a version. The copy need not exist."""
        return self._place(version) / self._address.name

    def add(self, version: ObjectVersion, file: Path, *, keep: bool = False) -> None:
        """Move a file to the copies, and delete the oldest copies.

        Args:
            version: The version.
            file: A file with the content of the version. It must have been checked.
            keep: Whether to copy the file instead of moving it.

        Raises:
            OSError: The copy could not be written.
        """
        place = self._place(version)
        self._folder.mkdir(parents=True, exist_ok=True)
        with scratch_dir_beside(self._folder / "new") as scratch:
            new = scratch / "new"
            new.mkdir()
            if keep:
                shutil.copyfile(file, new / self._address.name)
            else:
                file.rename(new / self._address.name)
            (new / _VERSION).write_text(json.dumps(asdict(version)), "utf-8")
            try:
                new.rename(place)
            except OSError:
                # Another command has added the same version, or the existing folder is incomplete.
                if version not in self.versions():
                    shutil.rmtree(place, ignore_errors=True)
                    new.rename(place)
        self._delete_oldest()

    def discard(self, version: ObjectVersion) -> None:
        """Delete the copy of a version."""
        shutil.rmtree(self._place(version), ignore_errors=True)

    def _place(self, version: ObjectVersion) -> Path:
        return self._folder / fingerprint_of(version.etag, version.generation, version.size)

    def _delete_oldest(self) -> None:
        with contextlib.suppress(OSError):
            files = list(self._folder.glob(f"*/{_VERSION}"))
            files.sort(key=lambda file: file.stat().st_mtime_ns)
            for file in files[:-_KEPT_COPIES]:
                shutil.rmtree(file.parent, ignore_errors=True)


def check_download(file: Path, address: ObjectAddress, *, read_all: bool) -> None:
    """Check that a downloaded file is a store that this version of Headway can use.

    Args:
        file: The file.
        address: The address of the object, for error messages.
        read_all: Whether to read all rows.

    Raises:
        StoreNewerError: A newer version of Headway wrote the store.
        StoreMissingError: The file has no tables.
        StoreForeignError: The file is the database of another program.
        ObjectDamagedError: The file is not a database, or is damaged.
    """
    try:
        with closing(connect_to_copy(file)) as connection:
            if read_all:
                read_everything(connection)
    except StoreNewerError as error:
        raise StoreNewerError(address, error.found) from error
    except StoreMissingError as error:
        raise StoreMissingError(address) from error
    except StoreForeignError as error:
        raise StoreForeignError(address) from error
    except StoreDamagedError as error:
        raise ObjectDamagedError(address, error.reason) from error
    except (HeadwayError, duckdb.Error) as error:
        raise ObjectDamagedError(address, error) from error
