"""Mirrors are the bare repositories that scans read. All mirrors are in one folder.

The mirror of a local repository contains no objects. It borrows the objects of the original through
git's alternates. Such a mirror consists of a few small files with Headway's configuration, so git
neither runs nor changes anything in the original.
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
from headway.git.alternates import object_folders
from headway.git.path_encoding import quoted
from headway.process_tree import is_running

HEAD = "refs/headway/head"
"""The only reference in a mirror."""

SMALL_BYTES = 2_000_000
"""The maximum size of a repository that is fetched completely, with one request. See
docs/forges.md.
"""

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


class Mirrors:
    """The mirrors in one folder. The folder is created on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Return the path of a repository's mirror, regardless of whether the mirror exists.

        The `HOST/ID` key becomes `HOST/ID.git`. A key with an ID that is not a number is hashed, so
        that an untrusted name never becomes a path.
        """
        host, _, identity = key.partition("/")
        if not identity.isdecimal():
            identity = hashlib.sha256(key.encode()).hexdigest()[:24]
        safe_host = "".join(char if char.isalnum() or char in ".-_" else "_" for char in host)
        return self.folder / (safe_host.lstrip(".") or "_") / f"{identity}.git"

    def borrow(self, key: str, original: Path, tip: str) -> Path:
        """Create or update the mirror of a local repository.

        Args:
            key: The key of the repository.
            original: The git directory of the repository.
            tip: The commit that the mirror's reference must point to.

        Returns:
            The folder of the mirror.

        Raises:
            CannotWriteError: The mirror could not be written.
        """
        mirror = self.path(key)
        try:
            if not (mirror / "HEAD").exists():
                _create(mirror, tip)
            _write(mirror / "config", _configuration(tip))
            folders = object_folders(_common_folder(original) / "objects")
            lines = [f"{quoted(os.fspath(folder))}\n" for folder in folders]
            _write(mirror / "objects" / "info" / "alternates", "".join(lines))
            _copy_shallow(_common_folder(original) / "shallow", mirror / "shallow")
            write_head(mirror, tip)
        except OSError as error:
            raise CannotWriteError(mirror, error.strerror or error) from error
        return mirror

    def tip(self, key: str) -> str | None:
        """Return the commit that the mirror's reference points to, or None if it points to none."""
        return read_tip(self.path(key))

    def used(self, key: str) -> None:
        """Set a mirror's time of last use to now. `evict` sorts mirrors by this time."""
        with contextlib.suppress(OSError):
            os.utime(self.path(key) / "HEAD")

    def quarantine(self, key: str) -> None:
        """Rename an unreadable mirror, so that it is no longer used.

        An earlier quarantined mirror of the same repository is deleted.

        Raises:
            CannotWriteError: The mirror could not be renamed.
        """
        mirror = self.path(key)
        aside = mirror.with_suffix(".damaged")
        try:
            shutil.rmtree(aside, ignore_errors=True)
            mirror.rename(aside)
        except OSError as error:
            raise CannotWriteError(mirror, error.strerror or error) from error

    def delete_unfinished(self) -> None:
        """Delete the unfinished mirrors of processes that were killed."""
        for folder in self.folder.glob("*/*.new-*"):
            if is_left_behind(folder):
                self.delete(folder)

    def evict(self, budget: int) -> int:
        """Delete mirrors until the remaining mirrors use at most `budget` bytes.

        Damaged and unfinished mirrors are deleted first, followed by the least recently used.

        Returns:
            The number of deleted mirrors.
        """
        deleted = 0
        mirrors = self.by_last_use()
        total = sum(mirror.size for mirror in mirrors)
        for mirror in mirrors:
            if total <= budget:
                break
            self.delete(mirror.path)
            total -= mirror.size
            deleted += 1
        return deleted

    def by_last_use(self) -> list[StoredMirror]:
        """Return all mirrors: damaged and unfinished ones first, then the least recently used."""
        return sorted(_mirrors(self.folder), key=lambda mirror: mirror.last_used)

    def size(self, key: str) -> int:
        """Return the size of a mirror in bytes, or 0 if it does not exist."""
        return _size(self.path(key))

    def delete(self, folder: Path | str) -> None:
        """Delete as much as possible of a mirror's folder."""
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class StoredMirror:
    """A mirror on the disk."""

    path: Path
    size: int
    """The total size of the mirror's files, in bytes."""
    last_used: float
    """The time of last use, in seconds since 1970 UTC, or 0 for a damaged or unfinished mirror."""


def _mirrors(folder: Path) -> Iterator[StoredMirror]:
    for path in folder.glob("*/*"):
        head = path / "HEAD"
        whole = path.suffix == ".git" and head.is_file()
        yield StoredMirror(path, _size(path), head.stat().st_mtime if whole else 0.0)


def _size(folder: Path) -> int:
    """Return the total size of all files below a folder. Ignore files that disappear."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.lstat().st_size if not path.is_dir() else 0
    return total


def read_tip(git_dir: Path) -> str | None:
    """Return the commit that a mirror's reference points to, or None if it points to none."""
    try:
        commit = (git_dir / HEAD).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return commit if COMMIT.match(commit) else None


def write_head(git_dir: Path, tip: str) -> None:
    """Point a mirror's reference to a commit."""
    _write(git_dir / HEAD, f"{tip}\n")


def create_empty(folder: Path, tip: str) -> None:
    """Create the files of a mirror without objects. See `write_configuration` for `tip`."""
    for name in ("objects/info", "objects/pack", "refs/headway"):
        (folder / name).mkdir(parents=True)
    write_configuration(folder, tip)


def write_configuration(git_dir: Path, tip: str) -> None:
    """Replace the configuration of a mirror with Headway's own.

    Args:
        git_dir: The git directory of the mirror.
        tip: Any commit ID of the repository. Its length determines the hash algorithm.
    """
    _write(git_dir / "config", _configuration(tip))
    _write(git_dir / "HEAD", f"ref: {HEAD}\n")


def shallow_commits(mirror: Path) -> frozenset[str]:
    """Return the commits whose parents are missing, because a mirror or its original is shallow."""
    try:
        return frozenset((mirror / "shallow").read_text("ascii").split())
    except FileNotFoundError:
        return frozenset()


@contextlib.contextmanager
def history_cut_at(mirror: Path, commit: str) -> Iterator[None]:
    """Make git ignore a commit's parents inside the `with` block, as in a shallow clone.

    Raises:
        OSError: The mirror could not be written.
    """
    file = mirror / "shallow"
    before = shallow_commits(mirror)
    _write(file, "".join(f"{cut}\n" for cut in sorted({*before, commit})))
    try:
        yield
    finally:
        if before:
            _write(file, "".join(f"{cut}\n" for cut in sorted(before)))
        else:
            file.unlink(missing_ok=True)


def is_partial(mirror: Path) -> bool:
    """Return whether this mirror was fetched without blobs."""
    return any((mirror / "objects" / "pack").glob("*.promisor"))


def is_partial_mirror(git_dir: Path) -> bool:
    """Return whether a scan can fetch missing blobs into this mirror.

    Nothing is ever fetched into a user's own clone.
    """
    return is_partial(git_dir) and (git_dir / "refs" / "headway").is_dir()


def borrows_from_partial(mirror: Path) -> bool:
    """Return whether the mirror borrows from a partial clone (`git clone --filter`)."""
    try:
        alternates = (mirror / "objects" / "info" / "alternates").read_bytes()
    except OSError:
        return False
    return any(
        next((Path(os.fsdecode(line)) / "pack").glob("*.promisor"), None) is not None
        for line in alternates.splitlines()
    )


def _create(mirror: Path, tip: str) -> None:
    """Create a mirror. It has a temporary name until it is complete, in case of a crash."""
    unfinished = mirror.with_suffix(f".new-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        create_empty(unfinished, tip)
        shutil.rmtree(mirror, ignore_errors=True)
        unfinished.rename(mirror)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _configuration(tip: str) -> str:
    """Return Headway's configuration for a mirror. It is rewritten before each use."""
    if len(tip) == 64:
        version, extensions = 1, "[extensions]\n\tobjectFormat = sha256\n"
    else:
        version, extensions = 0, ""
    return f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{extensions}"


def _common_folder(git_dir: Path) -> Path:
    """Return the folder with the objects and references that all linked work trees share."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    return (git_dir / pointer.read_text("utf-8", "surrogateescape").strip()).resolve()


def _copy_shallow(original: Path, copy: Path) -> None:
    if original.is_file():
        _write(copy, original.read_text("ascii"))
    else:
        copy.unlink(missing_ok=True)


def is_left_behind(unfinished: Path) -> bool:
    """Return whether the process that was creating `NAME.new-PROCESS` has ended."""
    process = unfinished.suffix.removeprefix(".new-")
    return process.isdecimal() and len(process) < 10 and not is_running(int(process))


def _write(path: Path, text: str) -> None:
    """Replace a file atomically if its content differs. A failure leaves no partial file."""
    content = os.fsencode(text)
    if path.is_file() and path.read_bytes() == content:
        return
    unfinished = path.with_name(f"{path.name}.new-{os.getpid()}")
    for other in path.parent.glob(f"{path.name}.new-*"):
        if is_left_behind(other):
            other.unlink(missing_ok=True)
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
