"""Mirrors: the bare repositories that scans read, kept in one folder of ours.

A mirror of a local repository holds no objects of its own: it borrows those of the original
through git's alternates. So it costs three small files, its configuration is ours and not the
original's, and nothing of the original is ever run or written to.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headway.errors import CannotWriteError
from headway.git.path_encoding import quoted

HEAD = "refs/headway/head"
"""The one reference of a mirror."""

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


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

    def tip(self, key: str) -> str | None:
        """The commit that the mirror stands at; None when there is no mirror."""
        return read_tip(self.path(key))

    def used(self, key: str) -> None:
        """Remembers that the mirror was needed just now; see `evict`."""
        with contextlib.suppress(OSError):
            os.utime(self.path(key) / "HEAD")

    def quarantine(self, key: str) -> None:
        """Puts a mirror that cannot be read aside, where nothing uses it; only one is kept.

        Raises `CannotWriteError`.
        """
        mirror = self.path(key)
        aside = mirror.with_suffix(".damaged")
        try:
            shutil.rmtree(aside, ignore_errors=True)
            mirror.rename(aside)
        except OSError as error:
            raise CannotWriteError(mirror, error.strerror or error) from error

    def evict(self, budget: int) -> int:
        """Deletes mirrors, the longest unused first, until the rest has at most `budget` bytes.

        Gives how many were deleted. What was put aside goes first.
        """
        deleted = 0
        found = sorted(_mirrors(self.folder), key=lambda it: it.last_used)
        total = sum(it.size for it in found)
        for it in found:
            if total <= budget:
                break
            shutil.rmtree(it.path, ignore_errors=True)
            total -= it.size
            deleted += 1
        return deleted


@dataclass(frozen=True, slots=True)
class _Mirror:
    path: Path
    size: int
    last_used: float


def _mirrors(folder: Path) -> Iterator[_Mirror]:
    for path in folder.glob("*/*"):
        size = sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())
        head = path / "HEAD"
        whole = path.suffix == ".git" and head.is_file()
        yield _Mirror(path, size, head.stat().st_mtime if whole else 0.0)


def read_tip(git_dir: Path) -> str | None:
    """The commit that a mirror's reference stands at, or None."""
    try:
        commit = (git_dir / HEAD).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return commit if COMMIT.match(commit) else None


def write_configuration(git_dir: Path, tip: str) -> None:
    """Our own, whatever stood there. tip: any commit id of the repository: tells its hash."""
    _write(git_dir / "config", _configuration(tip))
    _write(git_dir / "HEAD", f"ref: {HEAD}\n")


def is_shallow(mirror: Path) -> bool:
    """Whether the history in this mirror is cut off at some depth."""
    return (mirror / "shallow").exists()


def is_partial(mirror: Path) -> bool:
    """Whether contents of files were left out when this mirror was fetched."""
    return any((mirror / "objects" / "pack").glob("*.promisor"))


def _create(mirror: Path) -> None:
    """Under another name first: a mirror that was half made when the process died is no mirror."""
    unfinished = mirror.with_suffix(f".new-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        for folder in ("objects/info", "objects/pack", "refs/headway"):
            (unfinished / folder).mkdir(parents=True)
        _write(unfinished / "HEAD", f"ref: {HEAD}\n")
        shutil.rmtree(mirror, ignore_errors=True)
        unfinished.rename(mirror)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


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
    """Replaces the file in one step, and only when it would change; a full disk leaves nothing."""
    content = os.fsencode(text)
    if path.is_file() and path.read_bytes() == content:
        return
    unfinished = path.with_name(f"{path.name}.new-{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
