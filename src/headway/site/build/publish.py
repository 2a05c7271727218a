"""Publish a new site by replacing the old site's folder completely or not at all."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headway.errors import CannotWriteError, HeadwayError
from headway.scratch_dir import scratch_dir_beside

DESCRIPTION = "index.json"
GENERATOR = "headway"

_AT_FDCWD = -100
_RENAME_SWAP = 2
"""The flag named `RENAME_EXCHANGE` on Linux and `RENAME_SWAP` on macOS."""


class NotASiteError(HeadwayError):
    """The output folder is not empty and is not a site built by Headway."""

    def __init__(self, out: Path) -> None:
        super().__init__(
            f"{out} is not empty, and Headway did not build its contents; choose another folder "
            "with --out, or empty this one."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a build: the new site, temporary files, and the old site."""

    folder: Path
    """The new site's folder. It replaces the old folder at the end of the build."""

    scratch: Path
    """A folder for temporary files. It is deleted at the end of the build."""

    old: Path | None
    """The site of the last build, or None if there is none."""

    known_files: Path | None = None
    """The recorded states of the old site's files, or None without a cache. See `known_files`."""


@contextmanager
def replacing(out: Path) -> Iterator[Place]:
    """Replace the site at `out` when the block ends without an error.

    Temporary files are always deleted, including those of killed builds.

    Raises:
        NotASiteError: `out` is not empty and is not a site built by Headway.
        CannotWriteError: A file cannot be written, for example because the disk is full.
    """
    target = out.resolve()
    try:
        _check(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch_dir_beside(target) as scratch:
            place = Place(
                scratch / "site", scratch / "scratch", target if target.is_dir() else None
            )
            place.folder.mkdir()
            place.scratch.mkdir()
            yield place
            _swap(place.folder, target, scratch)
    except OSError as error:
        raise CannotWriteError(out, error.strerror or error) from error


def link_or_copy(source: str | Path, target: str | Path) -> None:
    """Create a hard link to a file, or copy the file if hard links are not possible."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _check(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise NotASiteError(out)
    if not any(out.iterdir()):
        return
    try:
        described = json.loads((out / DESCRIPTION).read_bytes())
        ours = described["generator"] == GENERATOR
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        ours = False
    if not ours:
        raise NotASiteError(out)


def _swap(folder: Path, out: Path, scratch: Path) -> None:
    """Replace the folder `out` with `folder`.

    On systems that cannot swap two folders in one step, `out` does not exist for a moment.
    """
    if not out.exists():
        folder.rename(out)
        return
    if _swap_in_one_step(folder, out):
        return
    aside = scratch / "old"
    out.rename(aside)
    try:
        folder.rename(out)
    except OSError:
        aside.rename(out)
        raise


def _swap_in_one_step(first: Path, second: Path) -> bool:
    """Swap two folders in one step. Return False if the system cannot do this."""
    library = ctypes.CDLL(None)
    names = os.fsencode(first), os.fsencode(second)
    flag = ctypes.c_uint(_RENAME_SWAP)
    if sys.platform == "darwin":
        swap = getattr(library, "renamex_np", None)
        return swap is not None and bool(swap(*names, flag) == 0)
    swap = getattr(library, "renameat2", None)
    if swap is None:
        return False
    return bool(swap(_AT_FDCWD, names[0], _AT_FDCWD, names[1], flag) == 0)
