"""Fingerprints of values, files and folders."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_DIGITS = 32
"""The number of hexadecimal digits in a fingerprint: half of a SHA-256 hash, which is enough to
detect changes.
"""


_READ_AT_ONCE = 1 << 20


def file_fingerprint(path: str | Path) -> str | None:
    """Return the fingerprint of a file's content, or None if the file is a link or unreadable."""
    try:
        # Functions that take a string are much faster than methods of `Path`.
        if os.path.islink(path):  # noqa: PTH114
            return None
        digest = hashlib.sha256()
        # This is faster than `hashlib.file_digest`, which clears a buffer for each file.
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            while data := file.read(_READ_AT_ONCE):
                digest.update(data)
        return shortened(digest)
    except OSError:
        return None


def shortened(complete: hashlib._Hash) -> str:
    """Return a fingerprint: the first part of a hash."""
    return complete.hexdigest()[:_DIGITS]


def fingerprint_of(*parts: object) -> str:
    """Return one fingerprint for several values.

    Values other than bytes are hashed as their `repr`.
    """
    combined = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode("utf-8", "surrogatepass")
        combined.update(b"%d " % len(data))
        combined.update(data)
    return shortened(combined)


def folder_fingerprint(folder: Path, pattern: str = "*") -> str:
    """Return one fingerprint for the paths and contents of all matching files below a folder."""
    files = sorted(path for path in folder.rglob(pattern) if path.is_file())
    return fingerprint_of(*(part for path in files for part in _named(folder, path)))


def _named(folder: Path, path: Path) -> Iterator[object]:
    yield path.relative_to(folder).as_posix()
    yield file_fingerprint(path)
