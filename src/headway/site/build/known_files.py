"""Recognise unchanged files of a site by their size, modification time and inode.

Reading all files of a large site takes seconds. Each build therefore records the states of the
files, and the next build reads only the files whose state was not recorded or has changed.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from headway.hashing import file_fingerprint
from headway.site.build.manifest import MANIFEST

KNOWN_FILES = "files.json"
"""The name of the file with the recorded states, in the folder of the site's cache."""

_MARGIN = 2_000_000_000
"""Only files that were modified more than this many nanoseconds before the manifest are recorded.
Some file systems store times with a resolution of two seconds, so a later edit of another file
could leave its state unchanged.
"""
_THREADS = 2


class FileState(NamedTuple):
    """The content of a file, and its state when it had this content."""

    fingerprint: str
    size: int
    modified: int
    """The modification time, in nanoseconds since 1970."""
    inode: int


class KnownFiles:
    """Tells whether files of a site still have the content that the manifest describes."""

    def __init__(self, site: Path, record: Path | None) -> None:
        """Read the recorded states of the files.

        Args:
            site: The folder of the site.
            record: The file with the recorded states. If it is None, missing or damaged, all files
                are read.
        """
        self._site = str(site)
        self._states = _recorded(record) if record is not None else {}
        self.files_read = 0
        """The number of files that had to be read."""

    def has(self, path: str, fingerprint: str) -> bool:
        """Return whether the file at this path has the content with this fingerprint.

        The path is relative to the site. The result is False for a symbolic link.
        """
        file = f"{self._site}/{path}"
        known = self._states.get(path)
        if known is not None and known == _state(file, fingerprint):
            return True
        self.files_read += 1
        return file_fingerprint(file) == fingerprint

    def has_all(self, files: Mapping[str, str]) -> bool:
        """Return whether every file has the content with its fingerprint."""
        with ThreadPoolExecutor(_THREADS) as threads:
            return all(threads.map(self.has, files.keys(), files.values()))


def record_states(site: Path, files: Mapping[str, str], record: Path | None) -> None:
    """Record the states of the files of a complete site, except those modified just before the
    manifest.

    Args:
        site: The folder of the site, with its manifest.
        files: Maps the path of each file to the fingerprint of its content.
        record: The file to write; None means that nothing is recorded. Errors are ignored, because
            the record only saves time.
    """
    if record is None:
        return
    with suppress(OSError):
        newest = os.stat(f"{site}/{MANIFEST}").st_mtime_ns - _MARGIN  # noqa: PTH116
        states = (
            (path, _state(f"{site}/{path}", fingerprint)) for path, fingerprint in files.items()
        )
        known = {path: state for path, state in states if state and state.modified < newest}
        record.parent.mkdir(parents=True, exist_ok=True)
        temporary = record.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(known), "ascii")
        temporary.replace(record)


def _recorded(record: Path) -> dict[str, FileState]:
    try:
        body = json.loads(record.read_bytes())
        return {path: FileState(*state) for path, state in body.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _state(file: str, fingerprint: str) -> FileState | None:
    """Return the current state of a regular file, or None for any other file."""
    try:
        found = os.lstat(file)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return FileState(fingerprint, found.st_size, found.st_mtime_ns, found.st_ino)
