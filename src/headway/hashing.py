"""Fingerprints of values, files and folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

_DIGITS = 32
"""Hexadecimal digits that are kept of a SHA-256: nobody forges these, so half is plenty."""


def file_fingerprint(path: Path) -> str | None:
    """None where it cannot be read; a link is not what was written."""
    try:
        if path.is_symlink():
            return None
        with path.open("rb") as file:
            return shortened(hashlib.file_digest(file, "sha256"))
    except OSError:
        return None


def shortened(told: hashlib._Hash) -> str:
    """A digest as a manifest has it: nobody fakes these, so that half of it is plenty."""
    return told.hexdigest()[:_DIGITS]


def fingerprint_of(*parts: object) -> str:
    """Changes whenever what the parts say of themselves does."""
    told = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode("utf-8", "surrogatepass")
        told.update(b"%d " % len(data))
        told.update(data)
    return shortened(told)


def folder_fingerprint(folder: Path, pattern: str = "*") -> str:
    """Of the names and contents of all files below a folder."""
    files = sorted(path for path in folder.rglob(pattern) if path.is_file())
    return fingerprint_of(*(part for path in files for part in _named(folder, path)))


def _named(folder: Path, path: Path) -> Iterator[object]:
    yield path.relative_to(folder).as_posix()
    yield file_fingerprint(path)
