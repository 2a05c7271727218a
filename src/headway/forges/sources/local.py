"""Local repositories as a source: every git repository below a folder, bare or not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from headway.config.setting_types import Text
from headway.errors import HeadwayError
from headway.forges.git_folder import (
    ABSENT,
    UnreadableRepositoryError,
    common_folder,
    find_git_folder,
    has_references,
    read_head,
    web_page,
)
from headway.forges.source_plugin import InitOption, SourceContext, SourcePlugin, SourceSettings
from headway.model.repository import Listing, Repository, Unlisted


class LocalSettings(SourceSettings):
    """A folder with git repositories below it."""

    path: Text
    """Relative to the workspace."""


class SourceFolderError(HeadwayError):
    """The folder of a local source does not exist or cannot be read."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"cannot list repositories below {folder}: {reason}; "
            "correct `path` of this source in headway.toml."
        )


@dataclass(frozen=True, slots=True)
class LocalSource(SourcePlugin):
    """Lists every git repository below a folder; inside a work tree it does not search."""

    name = "local"
    Settings = LocalSettings
    init_option = InitOption(
        key="path",
        metavar="FOLDER",
        help="Read the git repositories below this folder.  [default: clones, without a forge]",
        placeholder="clones",
        comment="every git repository below this folder",
    )

    folder: Path
    label: str
    """The folder as headway.toml spells it. Part of every key, so that moving the workspace
    changes no key."""

    @classmethod
    def from_settings(cls, settings: LocalSettings, context: SourceContext) -> Self:
        folder = (context.workspace / settings.path).absolute()
        return cls(folder, os.path.normpath(settings.path))

    @property
    def id(self) -> str:
        return f"local:{self.label}"

    def list_repositories(self) -> Listing:
        """Lists the repositories; raises `SourceFolderError` if the folder cannot be read."""
        if not self.folder.is_dir():
            raise SourceFolderError(self.folder, "there is no such folder")
        repositories: list[Repository] = []
        unlisted: list[Unlisted] = []
        problems: list[str] = []
        source = self.id
        for path, git_dir in _find_repositories(os.fspath(self.folder), problems):
            name = self._name(path)
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

    def _name(self, path: str) -> str:
        """The name of the repository at `path` below the folder; empty for the folder itself."""
        name = (path or self.folder.resolve().name).removesuffix(".git")
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _describe(source: str, key: str, name: str, git_dir: str) -> Repository:
    common = common_folder(git_dir)
    branch, tip = read_head(git_dir, common)
    page, link_style = web_page(common)
    return Repository(
        key=key,
        name=name,
        source=source,
        clone_url=git_dir,
        default_branch=branch if tip is not None else None,
        tip=tip,
        web_url=page,
        link_style=link_style,
        empty=tip is None and not has_references(common),
    )


def _find_repositories(folder: str, problems: list[str]) -> Iterator[tuple[str, str]]:
    """Yields the path below `folder` and the git folder of each repository, ordered by path."""
    git_dir = find_git_folder(folder)
    if git_dir is not None:
        yield "", git_dir
        if git_dir == folder:
            return
    pending = [""]
    while pending:
        parent = pending.pop()
        subfolders = []
        for entry in _folders_in(f"{folder}/{parent}" if parent else folder, problems):
            path = f"{parent}/{entry.name}" if parent else entry.name
            git_dir = find_git_folder(f"{folder}/{path}")
            if git_dir is not None:
                yield path, git_dir
            elif not entry.is_symlink():
                subfolders.append(path)
        pending += reversed(subfolders)


def _folders_in(folder: str, problems: list[str]) -> list[os.DirEntry[str]]:
    """The folders in a folder, ordered by name; adds a problem for what cannot be read."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(f"{folder} cannot be read: {error.strerror}")
        return []
    return [entry for entry in ordered if entry.name != ".git" and _is_folder(entry, problems)]


def _is_folder(entry: os.DirEntry[str], problems: list[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError as error:
        if error.errno not in ABSENT:
            problems.append(f"{entry.path} cannot be read: {error.strerror}")
        return False
