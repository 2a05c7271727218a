"""The folder of the site, put in place whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headway.errors import CannotWriteError, HeadwayError

DESCRIPTION = "index.json"
GENERATOR = "headway"


class NotASiteError(HeadwayError):
    """The folder to write to holds something else."""

    def __init__(self, out: Path) -> None:
        super().__init__(
            f"{out} holds something that is not a site of Headway's; "
            "name another folder with --out, or empty it."
        )


class Output:
    """A site being written. `paths` are relative to its root, with slashes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, path: str, content: str | bytes) -> None:
        """One file; what cannot be encoded in UTF-8 is replaced."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        target.write_bytes(data)


@contextmanager
def replacing(out: Path) -> Iterator[Output]:
    """What is written replaces the site at `out` at the end; at an error the old one stays.

    Raises `NotASiteError` when `out` holds anything else, `CannotWriteError` when the disk or its
    permissions do not allow it. Nothing is left over in either case.
    """
    building: Path | None = None
    try:
        _check(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        yield Output(building)
        building.chmod(0o777 & ~_umask())
        _swap(building, out)
    except OSError as error:
        raise CannotWriteError(out, error.strerror or error) from error
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)


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


def _swap(building: Path, out: Path) -> None:
    """The two renames leave `out` missing for an instant; a failed second one is undone."""
    if not out.exists():
        building.rename(out)
        return
    target = out.resolve()
    aside = building.with_name(f"{building.name}-old")
    target.rename(aside)
    try:
        building.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
