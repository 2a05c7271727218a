"""A cache of the matches in file contents, stored in SQLite files beside the mirrors.

Several processes can share a cache and can be killed at any time. Each entry has a checksum of its
name and value, so the cache never returns a damaged entry. Damaged files are deleted. An unusable
cache acts like an empty one, so the file contents are searched again.

The cache has two generations, one file each. New entries are added to the newer file. When this
file is full, a new file is begun, and the oldest file is deleted. When an entry in the older file
is used, it is copied to the newer file. Therefore, only entries that were not used recently are
deleted.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3

_T = TypeVar("_T")

MAX_BYTES = 1_000_000_000
"""The maximum size of a cache in bytes, unless a tenth of the mirrors' maximum size is less."""
_CHECKSUM = 8
_LOCK_SECONDS = 2.0
"""The maximum wait for another process. A longer wait would take more time than the cache saves."""
_SCHEMA = "CREATE TABLE IF NOT EXISTS entry (key INTEGER PRIMARY KEY, value BLOB NOT NULL)"
_SELECT = (
    "SELECT entry.key, entry.value FROM json_each(?) AS wanted "
    "CROSS JOIN entry ON entry.key = wanted.value"
)


@dataclass(frozen=True, slots=True)
class MatchCache:
    """Maps names to values, both in bytes. An entry can disappear at any time."""

    folder: Path
    max_bytes: int = MAX_BYTES

    @classmethod
    def in_folder(cls, folder: Path, mirror_budget: int | None) -> MatchCache:
        """Return the cache in a folder. `mirror_budget` is the maximum size of all mirrors."""
        if mirror_budget is None:
            return cls(folder)
        return cls(folder, min(MAX_BYTES, mirror_budget // 10))

    def get(self, names: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the values of the names that have entries."""
        wanted = {_key(name): name for name in names}
        found: dict[bytes, bytes] = {}
        older: dict[bytes, bytes] = {}
        for age, file in enumerate(reversed(self._files())):
            values = _use(file, partial(_read, wanted=wanted)) or {}
            found |= values
            if age:
                older |= values
            for name in values:
                del wanted[_key(name)]
            if not wanted:
                break
        if older:
            self.put(older)
        return found

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Add entries, or replace their values."""
        rows = sorted(
            (_key(name), _checksum(name, value) + value) for name, value in entries.items()
        )
        with contextlib.suppress(OSError):
            _use(self._file_to_write(), partial(_write, rows=rows))

    def _files(self) -> list[Path]:
        """Return the files of the generations, newest last."""
        try:
            files = [file for file in self.folder.iterdir() if _generation(file)]
        except OSError:
            return []
        return sorted(files, key=_generation)

    def _file_to_write(self) -> Path:
        """Return the file for new entries, and delete files that are too old."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files = self._files() or [self.folder / "1.sqlite"]
        newest = files[-1]
        if newest.exists() and newest.stat().st_size > self.max_bytes // 2:
            newest = self.folder / f"{_generation(newest) + 1}.sqlite"
            files.append(newest)
        for file in files[:-2]:
            _delete(file)
        return newest


def _read(database: sqlite3.Connection, wanted: Mapping[int, bytes]) -> dict[bytes, bytes]:
    """Return the undamaged entries with the wanted keys."""
    found = {}
    for key, value in database.execute(_SELECT, (json.dumps(sorted(wanted)),)):
        name = wanted[key]
        if isinstance(value, bytes):
            checksum, content = value[:_CHECKSUM], value[_CHECKSUM:]
            if checksum == _checksum(name, content):
                found[name] = content
    return found


def _write(database: sqlite3.Connection, rows: Iterable[tuple[int, bytes]]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?)", rows)
    database.execute("COMMIT")


def _use(file: Path, action: Callable[[sqlite3.Connection], _T]) -> _T | None:
    """Return the result of an action on a file, or None if SQLite fails.

    A damaged file is deleted. The file is closed before the function returns, so that no file is
    open while a scanner runs.
    """
    import sqlite3  # Imported late, because a scan without new commits does not need it.

    try:
        with contextlib.closing(
            sqlite3.connect(file, timeout=_LOCK_SECONDS, isolation_level=None)
        ) as database:
            # A power failure can damage the file. The checksums detect such damage.
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_SCHEMA)
            return action(database)
    except sqlite3.OperationalError:
        # Another process holds the lock, the disk is full, or the file cannot be read or written.
        return None
    except sqlite3.DatabaseError:
        _delete(file)
        return None


def _delete(file: Path) -> None:
    for path in (file, file.with_name(f"{file.name}-journal")):
        with contextlib.suppress(OSError):
            path.unlink()


def _generation(file: Path) -> int:
    """Return the generation number of a file, or 0 if the file does not belong to the cache."""
    return int(file.stem) if file.suffix == ".sqlite" and file.stem.isdecimal() else 0


def _key(name: bytes) -> int:
    """Return the key of a name. Two names can have the same key. See `_checksum`."""
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)


def _checksum(name: bytes, value: bytes) -> bytes:
    return blake2b(b"%d %b%b" % (len(name), name, value), digest_size=_CHECKSUM).digest()
