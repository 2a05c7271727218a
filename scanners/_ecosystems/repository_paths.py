"""Paths inside a repository. They always use forward slashes."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterator, Sequence


def folder_of(path: str) -> str:
    """Return the folder of a file, or an empty string for the root."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def joined(folder: str, relative: str) -> str | None:
    """Resolve a path relative to a folder. Return None if it is outside the repository.

    The root of the repository is the empty path.
    """
    if relative.startswith(("/", "~")) or "\0" in relative:
        return None
    path = posixpath.normpath(posixpath.join(folder, relative.replace("\\", "/")))
    if path == "." or not path:
        return ""
    return None if path.startswith(("../", "/")) or path == ".." else path


def ancestors(folder: str) -> Iterator[str]:
    """Yield a folder and all folders that contain it. The root, an empty string, comes last."""
    while folder:
        yield folder
        folder = folder_of(folder)
    yield ""


def nearest(paths: Container[str], path: str, names: Sequence[str]) -> str | None:
    """Return the nearest file with one of the names in a file's folder or above it.

    Within a folder, earlier names take precedence. The result is None if no such file exists.

    Args:
        paths: The paths of all files.
        path: The file whose folder is searched first.
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
    """Return a path relative to a folder, or None if the folder does not contain it."""
    if not folder:
        return path
    if path == folder:
        return ""
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else None
