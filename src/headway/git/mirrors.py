"""Mirrors: the bare repositories that scans read, kept in one folder of ours.

A mirror of a local repository holds no objects of its own: it borrows those of the original
through git's alternates. So it costs three small files, its configuration is ours and not the
original's, and nothing of the original is ever run or written to.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from headway.errors import CannotWriteError
from headway.git.names import quoted


class Mirrors:
    """All mirrors below one folder; created when first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Where the mirror of the repository with this key lies, whether it exists or not.

        `HOST/ID` becomes `HOST/ID.git`; anything that is not a plain number goes by its hash, so
        that no name from outside ever becomes a path.
        """
        host, _, identity = key.partition("/")
        if not identity.isdecimal():
            identity = hashlib.sha256(key.encode()).hexdigest()[:24]
        safe_host = "".join(char if char.isalnum() or char in ".-_" else "_" for char in host)
        return self.folder / (safe_host.lstrip(".") or "_") / f"{identity}.git"

    def borrow(self, key: str, original: Path, tip: str) -> Path:
        """The mirror of a local repository, pointed at `tip`; made when it is not there.

        original: the repository's git folder. Raises `CannotWriteError`.
        """
        mirror = self.path(key)
        try:
            if not (mirror / "HEAD").exists():
                _create(mirror)
            _write(mirror / "config", _configuration(tip))
            objects = os.fspath(_common_folder(original) / "objects")
            _write(mirror / "objects" / "info" / "alternates", quoted(objects) + "\n")
            _copy_shallow(_common_folder(original) / "shallow", mirror / "shallow")
            _write(mirror / "refs" / "headway" / "head", tip + "\n")
        except OSError as error:
            raise CannotWriteError(mirror, error.strerror or error) from error
        return mirror


def is_shallow(mirror: Path) -> bool:
    """Whether the history in this mirror is cut off at some depth."""
    return (mirror / "shallow").exists()


def _create(mirror: Path) -> None:
    """Under another name first: a mirror that was half made when the process died is no mirror."""
    unfinished = mirror.with_suffix(f".new-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    for folder in ("objects/info", "objects/pack", "refs/headway"):
        (unfinished / folder).mkdir(parents=True)
    _write(unfinished / "HEAD", "ref: refs/headway/head\n")
    shutil.rmtree(mirror, ignore_errors=True)
    unfinished.rename(mirror)


def _configuration(tip: str) -> str:
    """Written anew before each use, so that nobody can leave something in it."""
    if len(tip) == 64:
        version, extensions = 1, "[extensions]\n\tobjectFormat = sha256\n"
    else:
        version, extensions = 0, ""
    return f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{extensions}"


def _common_folder(git_dir: Path) -> Path:
    """Where objects and references lie: elsewhere than `git_dir` for a linked work tree."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    return (git_dir / pointer.read_text("utf-8", "surrogateescape").strip()).resolve()


def _copy_shallow(original: Path, copy: Path) -> None:
    if original.is_file():
        _write(copy, original.read_text("ascii"))
    else:
        copy.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """Replaces the file in one step, and only when it would change."""
    content = os.fsencode(text)
    if path.is_file() and path.read_bytes() == content:
        return
    unfinished = path.with_name(f"{path.name}.new-{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
