"""Repositories that already lie on this machine: every one below a folder, bare or not.

Nothing of a repository is run to list it: its HEAD, references and configuration are read as the
plain files that they are.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from headway.errors import HeadwayError
from headway.model.repository import LinkStyle, Listing, Repository, Unlisted

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SCP_LIKE = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?!//)(?P<path>.+)\Z")
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
_LINK_STYLES: tuple[tuple[str, LinkStyle], ...] = (("github", "github"), ("gitlab", "gitlab"))


class SourceFolderError(HeadwayError):
    """The folder of a local source is not there or cannot be read."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"cannot list repositories below {folder}: {reason}; "
            "correct `path` of this source in headway.toml."
        )


class UnreadableRepositoryError(Exception):
    """This looks like a repository, but what it holds cannot be told; the text is the reason."""


@dataclass(frozen=True, slots=True)
class LocalSource:
    """Every git repository below `folder`, named by its path below, less `.git`.

    label: the folder as the workspace writes it; part of every key, so that moving the workspace
    changes no key. A repository's own work tree is not searched for further ones.
    """

    folder: Path
    label: str

    @property
    def id(self) -> str:
        return f"local:{self.label}"

    def list_repositories(self) -> Listing:
        """Raises `SourceFolderError` when the folder itself cannot be read."""
        if not self.folder.is_dir():
            raise SourceFolderError(self.folder, "there is no such folder")
        repositories: list[Repository] = []
        unlisted: list[Unlisted] = []
        problems: list[str] = []
        source = self.id
        for place, git_dir in _find(os.fspath(self.folder), problems):
            name = self._name(place)
            key = f"local/{self.label}/{name}"
            try:
                repositories.append(_describe(source, key, name, git_dir))
            except (UnreadableRepositoryError, OSError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                unlisted.append(Unlisted(key, name, reason))
        if problems and not repositories and not unlisted:
            raise SourceFolderError(self.folder, problems[0])
        repositories.sort(key=lambda repository: repository.name)
        return Listing(
            source=source,
            repositories=tuple(repositories),
            complete=not problems,
            problems=tuple(problems),
            unlisted=tuple(sorted(unlisted, key=lambda entry: entry.name)),
        )

    def _name(self, place: str) -> str:
        """place: path below the folder; empty for the folder itself."""
        name = (place or self.folder.resolve().name).removesuffix(".git")
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _describe(source: str, key: str, name: str, git_dir: str) -> Repository:
    common = _common_folder(git_dir)
    branch, tip = _read_head(git_dir, common)
    web_url, link_style = _web_page(_origin(f"{common}/config"))
    return Repository(
        key=key,
        name=name,
        source=source,
        clone_url=git_dir,
        default_branch=branch if tip is not None else None,
        tip=tip,
        web_url=web_url,
        link_style=link_style,
        empty=tip is None and not _has_references(Path(common)),
    )


def _find(folder: str, problems: list[str]) -> Iterator[tuple[str, str]]:
    """(the repository's place below the folder, its git folder), in the order of names.

    A thousand repositories are looked at in each scan, so there are no more questions to the
    system than are needed, and none of `pathlib`.
    """
    git_dir = _git_dir(folder)
    if git_dir is not None:
        yield "", git_dir
        if git_dir == folder:
            return
    pending = [""]
    while pending:
        above = pending.pop()
        here = f"{folder}/{above}" if above else folder
        try:
            with os.scandir(here) as entries:
                names = sorted((entry.name, entry) for entry in entries)
        except OSError as error:
            problems.append(f"{here} cannot be read: {error.strerror}")
            continue
        deeper = []
        for name, entry in names:
            if name == ".git" or not _is_folder(entry, problems):
                continue
            git_dir = _git_dir(f"{here}/{name}")
            place = f"{above}/{name}" if above else name
            if git_dir is not None:
                yield place, git_dir
            elif not entry.is_symlink():
                deeper.append(place)
        pending += reversed(deeper)


def _is_folder(entry: os.DirEntry[str], problems: list[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError as error:
        if error.errno not in _NOT_THERE:
            problems.append(f"{entry.path} cannot be read: {error.strerror}")
        return False


def _git_dir(place: str) -> str | None:
    """The git folder of the repository at `place`, or None when there is none."""
    inside = f"{place}/.git"
    try:
        kind = os.stat(inside).st_mode  # noqa: PTH116 - see `_find`
    except OSError as error:
        if error.errno not in _NOT_THERE:
            return inside
    else:
        if stat.S_ISDIR(kind):
            return inside
        if stat.S_ISREG(kind):
            try:
                pointer = (_read(inside) or "").strip()
            except OSError:
                return inside
            if pointer.startswith("gitdir: "):
                return os.fspath(Path(place) / pointer.removeprefix("gitdir: "))
    bare = _is(stat.S_ISREG, f"{place}/HEAD") and _is(stat.S_ISDIR, f"{place}/objects")
    return place if bare and _is(stat.S_ISDIR, f"{place}/refs") else None


def _is(kind: Callable[[int], bool], path: str) -> bool:
    try:
        return kind(os.stat(path).st_mode)  # noqa: PTH116 - see `_find`
    except (OSError, ValueError):
        return False


def _read(path: str) -> str | None:
    """The text of a file; None where there is none. Raises `OSError` where it cannot be read."""
    try:
        # without waiting: a pipe in the place of a file would never answer
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError:
        # no name has a NUL
        return None
    except OSError as error:
        if error.errno in _NOT_THERE:
            return None
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None
        content = b""
        # a file may be read short
        while block := os.read(descriptor, max(found.st_size + 1 - len(content), 1)):
            content += block
    finally:
        os.close(descriptor)
    return content.decode("utf-8", "surrogateescape")


def _common_folder(git_dir: str) -> str:
    pointer = _read(f"{git_dir}/commondir")
    return git_dir if pointer is None else os.fspath(Path(git_dir) / pointer.strip())


def _read_head(git_dir: str, common: str) -> tuple[str | None, str | None]:
    """Name of the branch that HEAD names and the commit it stands at; None for what is not."""
    value = _read(f"{git_dir}/HEAD")
    if value is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    value = value.strip()
    branch = None
    for _ in range(5):
        if _COMMIT.match(value):
            return branch or "HEAD", value
        if not value.startswith("ref: "):
            raise UnreadableRepositoryError("its HEAD names neither a branch nor a commit")
        reference = value.removeprefix("ref: ").strip()
        if reference == "refs/heads/.invalid":
            raise UnreadableRepositoryError("its references are in a format that is not read here")
        branch = branch or reference.removeprefix("refs/heads/")
        found = _read_reference(common, reference)
        if found is None:
            return branch, None
        value = found
    raise UnreadableRepositoryError("its HEAD leads in a circle")


def _read_reference(common: str, reference: str) -> str | None:
    if ".." in reference.split("/") or not reference.startswith("refs/"):
        raise UnreadableRepositoryError("its HEAD points outside its references")
    loose = _read(f"{common}/{reference}")
    if loose is not None:
        return loose.strip()
    for line in (_read(f"{common}/packed-refs") or "").split("\n"):
        if line.endswith(f" {reference}") and not line.startswith(("#", "^")):
            return line.partition(" ")[0]
    return None


def _has_references(common: Path) -> bool:
    packed = common / "packed-refs"
    if packed.is_file() and any(not line.startswith(b"#") for line in packed.open("rb")):
        return True
    return any(path.is_file() for path in (common / "refs").rglob("*"))


def _origin(config: str) -> str | None:
    """`remote.origin.url` of a configuration file, read as text: includes are not followed."""
    text = _read(config)
    if text is None or '"origin"' not in text.lower():
        return None
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line.partition("]")[0] + "]"
        elif section.lower() == '[remote "origin"]':
            name, _, value = line.partition("=")
            if name.strip().lower() == "url":
                # no lone surrogates, which a store cannot hold
                given = value.strip().strip('"').encode("utf-8", "surrogateescape")
                return given.decode("utf-8", "replace")
    return None


def _web_page(url: str | None) -> tuple[str | None, LinkStyle]:
    """The repository's page on its forge, and how links continue; credentials are dropped."""
    if not url:
        return None, "none"
    if "://" in url:
        parts = urlsplit(url)
        host, path, scheme = parts.hostname, parts.path, parts.scheme
    elif found := _SCP_LIKE.match(url):
        host, path, scheme = found["host"], found["path"], "ssh"
    else:
        return None, "none"
    if scheme not in ("http", "https", "ssh", "git") or not host:
        return None, "none"
    page = f"https://{host}/{path.strip('/').removesuffix('.git')}"
    for word, style in _LINK_STYLES:
        if word in host:
            return page, style
    return None, "none"
