"""Find the folders from which a repository borrows objects (`objects/info/alternates`)."""

from __future__ import annotations

import os
from pathlib import Path

from headway.git.path_encoding import unquoted

_MOST_LEVELS = 6
"""The maximum number of levels that git follows from a repository."""


def object_folders(objects: Path) -> list[Path]:
    """Return an object folder and all folders from which it borrows, even indirectly.

    A mirror lists all of these folders directly. Otherwise, the mirror would add one more level,
    which git might not follow.
    """
    found = [objects]
    level = [objects]
    for _ in range(_MOST_LEVELS):
        level = [
            folder
            for borrower in level
            for folder in _alternates_of(borrower)
            if folder not in found and folder.is_dir()
        ]
        found += dict.fromkeys(level)
    return found


def _alternates_of(objects: Path) -> list[Path]:
    try:
        lines = (objects / "info" / "alternates").read_bytes().split(b"\n")
    except OSError:
        return []
    folders = []
    for line in lines:
        if line and not line.startswith(b"#"):
            name = unquoted(line)
            folders.append(Path(os.path.normpath(objects / os.fsdecode(name[0] if name else line))))
    return [folder for folder in folders if "\0" not in os.fspath(folder)]
