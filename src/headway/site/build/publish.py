"""The folder of the site, put in place whole or not at all."""

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
    """The folder to write to holds something else."""

    def __init__(self, out: Path) -> None:
        super().__init__(
            f"{out} holds something that is not a site of Headway's; "
            "name another folder with --out, or empty it."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site is built. folder: becomes the site. scratch: goes when that is done.

    old: the site that is there; None when there is none.
    """

    folder: Path
    scratch: Path
    old: Path | None


@contextmanager
def replacing(out: Path) -> Iterator[Place]:
    """What is written replaces the site at `out` at the end; at an error the old one stays.

    Raises `NotASiteError` when `out` holds anything else, `CannotWriteError` when the disk or its
    permissions do not allow it. Nothing is left over in either case; what a build that was killed
    has left over goes.
    """
    target = out.resolve()
    try:
        _check(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch_dir_beside(target) as room:
            place = Place(room / "site", room / "scratch", target if target.is_dir() else None)
            place.folder.mkdir()
            place.scratch.mkdir()
            yield place
            _swap(place.folder, target, room)
    except OSError as error:
        raise CannotWriteError(out, error.strerror or error) from error


def link_or_copy(source: Path, target: Path) -> None:
    """Gives a file one more name, or copies it where the file system has no links."""
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


def _swap(folder: Path, out: Path, room: Path) -> None:
    """Where the system cannot exchange two folders `out` is missing for an instant."""
    if not out.exists():
        folder.rename(out)
        return
    if _exchange(folder, out):
        return
    aside = room / "old"
    out.rename(aside)
    try:
        folder.rename(out)
    except OSError:
        aside.rename(out)
        raise


def _exchange(one: Path, other: Path) -> bool:
    """Both change places in one step; False where the system or the file system cannot."""
    library = ctypes.CDLL(None)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        exchange = getattr(library, "renamex_np", None)
        return exchange is not None and bool(exchange(*names, ctypes.c_uint(_EXCHANGE)) == 0)
    exchange = getattr(library, "renameat2", None)
    if exchange is None:
        return False
    return bool(exchange(_HERE, names[0], _HERE, names[1], ctypes.c_uint(_EXCHANGE)) == 0)
