"""Publishes a site: replaces its folder as a whole, or not at all."""

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

_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


class NotASiteError(HeadwayError):
    """The output folder contains something other than a site."""

    def __init__(self, out: Path) -> None:
        super().__init__(
            f"{out} contains files that are not a site built by Headway; "
            "choose another folder with --out, or empty it."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a build."""

    folder: Path
    """The folder that becomes the site."""

    scratch: Path
    """A folder for temporary files, deleted at the end of the build."""

    old: Path | None
    """The site of the last build; None if there is none."""


@contextmanager
def replacing(out: Path) -> Iterator[Place]:
    """Replace the site at `out` when the block ends without an error.

    Temporary files are always deleted, including those of earlier builds that were killed.

    Raises:
        NotASiteError: `out` contains something other than a site.
        CannotWriteError: The disk is full, or a permission is missing.
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


def link_or_copy(source: Path, target: Path) -> None:
    """Create a hard link to a file, or a copy if the file system has no hard links."""
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
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise NotASiteError(out)


def _swap(folder: Path, out: Path, scratch: Path) -> None:
    """Replace `out`, which is missing for a moment if the system cannot swap two folders."""
    if not out.exists():
        folder.rename(out)
        return
    if _exchange(folder, out):
        return
    aside = scratch / "old"
    out.rename(aside)
    try:
        folder.rename(out)
    except OSError:
        aside.rename(out)
        raise


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; return False if the system or file system cannot do that."""
    library = ctypes.CDLL(None)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        exchange = getattr(library, "renamex_np", None)
        return exchange is not None and bool(exchange(*names, ctypes.c_uint(_EXCHANGE)) == 0)
    exchange = getattr(library, "renameat2", None)
    if exchange is None:
        return False
    return bool(exchange(_HERE, names[0], _HERE, names[1], ctypes.c_uint(_EXCHANGE)) == 0)
