"""Repositories that already lie on this machine: every one below a folder, bare or not.

Nothing of a repository is run to list it: its HEAD, references and configuration are read as the
plain files that they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from headway.errors import HeadwayError
from headway.forges.interface import LinkStyle, Listing, Repository, Unlisted

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SCP_LIKE = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?!//)(?P<path>.+)\Z")
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
        for place, git_dir in _find(self.folder, problems):
            name = self._name(place)
            key = f"local/{self.label}/{name}"
            try:
                repositories.append(self._describe(key, name, git_dir))
            except (UnreadableRepositoryError, OSError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                unlisted.append(Unlisted(key, name, reason))
        if problems and not repositories and not unlisted:
            raise SourceFolderError(self.folder, problems[0])
        repositories.sort(key=lambda repository: repository.name)
        return Listing(
            source=self.id,
            repositories=tuple(repositories),
            complete=not problems,
            problems=tuple(problems),
            unlisted=tuple(sorted(unlisted, key=lambda entry: entry.name)),
        )

    def _name(self, place: Path) -> str:
        if place == self.folder:
            return self.folder.resolve().name.removesuffix(".git")
        name = place.relative_to(self.folder).as_posix().removesuffix(".git")
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    def _describe(self, key: str, name: str, git_dir: Path) -> Repository:
        branch, tip = _read_head(git_dir)
        web_url, link_style = _web_page(_origin(_common_folder(git_dir) / "config"))
        empty = tip is None and not _has_references(_common_folder(git_dir))
        return Repository(
            key=key,
            name=name,
            source=self.id,
            clone_url=os.fspath(git_dir),
            default_branch=branch if tip is not None else None,
            tip=tip,
            web_url=web_url,
            link_style=link_style,
            empty=empty,
        )


def _find(folder: Path, problems: list[str]) -> Iterator[tuple[Path, Path]]:
    """(the repository's place, its git folder), in the order of names."""
    git_dir = _git_dir(folder)
    if git_dir is not None:
        yield folder, git_dir
        if git_dir == folder:
            return
    pending = [folder]
    while pending:
        here = pending.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            problems.append(f"{here} cannot be read: {error.strerror}")
            continue
        for entry in entries:
            if entry.name == ".git" or not entry.is_dir():
                continue
            place = Path(entry.path)
            git_dir = _git_dir(place)
            if git_dir is not None:
                yield place, git_dir
            elif not entry.is_symlink():
                pending.append(place)


def _git_dir(place: Path) -> Path | None:
    """The git folder of the repository at `place`, or None when there is none."""
    inside = place / ".git"
    try:
        if inside.is_dir():
            return inside
        if inside.is_file():
            pointer = inside.read_text("utf-8", "surrogateescape").strip()
            if pointer.startswith("gitdir: "):
                return place / pointer.removeprefix("gitdir: ")
    except OSError:
        return inside
    bare = (place / "HEAD").is_file() and (place / "objects").is_dir()
    return place if bare and (place / "refs").is_dir() else None


def _common_folder(git_dir: Path) -> Path:
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    return git_dir / pointer.read_text("utf-8", "surrogateescape").strip()


def _read_head(git_dir: Path) -> tuple[str | None, str | None]:
    """Name of the branch that HEAD names and the commit it stands at; None for what is not."""
    common = _common_folder(git_dir)
    value = (git_dir / "HEAD").read_text("utf-8", "surrogateescape").strip()
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


def _read_reference(common: Path, reference: str) -> str | None:
    if ".." in reference.split("/") or not reference.startswith("refs/"):
        raise UnreadableRepositoryError("its HEAD points outside its references")
    loose = common / reference
    if loose.is_file():
        return loose.read_text("utf-8", "surrogateescape").strip()
    packed = common / "packed-refs"
    if packed.is_file():
        wanted = b" " + os.fsencode(reference)
        for line in packed.read_bytes().splitlines():
            if line.endswith(wanted) and not line.startswith((b"#", b"^")):
                return line[: -len(wanted)].decode("ascii", "replace")
    return None


def _has_references(common: Path) -> bool:
    packed = common / "packed-refs"
    if packed.is_file() and any(not line.startswith(b"#") for line in packed.open("rb")):
        return True
    return any(path.is_file() for path in (common / "refs").rglob("*"))


def _origin(config: Path) -> str | None:
    """`remote.origin.url` of a configuration file, read as text: includes are not followed."""
    if not config.is_file():
        return None
    section = ""
    for raw in config.read_text("utf-8", "replace").splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line.partition("]")[0] + "]"
        elif section.lower() == '[remote "origin"]':
            name, _, value = line.partition("=")
            if name.strip().lower() == "url":
                return value.strip().strip('"')
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
