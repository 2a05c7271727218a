"""Paths inside a repository, which always use forward slashes."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterator, Sequence


def folder_of(path: str) -> str:
    """Return the folder of a file; empty for the root."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def joined(folder: str, relative: str) -> str | None:
    """Return the path that `relative` means inside a folder; None if it is outside the repository.

    The root of the repository is the empty path.
    """
    if relative.startswith(("/", "~")) or "\0" in relative:
        return None
    path = posixpath.normpath(posixpath.join(folder, relative.replace("\\", "/")))
    if path == "." or not path:
        return ""
    return None if path.startswith(("../", "/")) or path == ".." else path


def ancestors(folder: str) -> Iterator[str]:
    """Yield a folder and all folders that contain it; the root, which is empty, comes last."""
    while folder:
        yield folder
        folder = folder_of(folder)
    yield ""


def nearest(paths: Container[str], path: str, names: Sequence[str]) -> str | None:
    """Return the first of the files called `names` in the folder of a file, or in one above it.

    In each folder, an earlier name takes precedence. The result is None if there is no such file.

    Args:
        paths: The paths of all files.
        path: The file at which to begin.
        names: The names to look for.
    """
    for folder in ancestors(folder_of(path)):
        for name in names:
            if child(folder, name) in paths:
                return child(folder, name)
    return None


def child(folder: str, name: str) -> str:
    """Return the path of a file in a folder."""
    return f"{folder}/{name}" if folder else name


def below(folder: str, path: str) -> str | None:
    """Return a path relative to a folder that contains it; None if the folder does not."""
    if not folder:
        return path
    if path == folder:
        return ""
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else None
