"""The `local` source: every git repository below a folder, bare or not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from headway.config.setting_types import Text
from headway.errors import HeadwayError
from headway.forges.git_folder import (
    ABSENT,
    UnreadableRepositoryError,
    choose_branch,
    common_folder,
    find_git_folder,
    has_references,
    web_page,
)
from headway.forges.source_plugin import InitOption, SourceContext, SourcePlugin, SourceSettings
from headway.model.repository import Listing, Lookup, Repository, Unlisted

_SKIPPED = (".git", ".headway")
"""Folders that contain no repositories of the user. `.headway` contains Headway's mirrors."""


class LocalSettings(SourceSettings):
    """Settings that select a folder with git repositories below it."""

    path: Text
    """The path of the folder, relative to the workspace."""


class SourceFolderError(HeadwayError):
    """The folder of a local source does not exist or cannot be read."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"cannot list repositories below {folder}: {reason}; "
            "correct `path` of this source in headway.toml."
        )


class SameNameError(HeadwayError):
    """Two repositories below the same folder would have the same name."""

    def __init__(self, folder: Path, name: str, first: str, second: str) -> None:
        super().__init__(
            f"two repositories below {folder} have the name {name}: {first} and {second}; "
            "rename or remove one of the two folders."
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder that contains a repository or links to one."""

    path: str
    """The path below the source's folder, or an empty string for that folder itself."""
    common: str
    """The folder with the references. All linked work trees share this folder."""
    real: str
    """`common` with symbolic links resolved. This path identifies the repository."""
    rank: int
    """0 for the repository itself, 1 for a symbolic link to it, and 2 for a linked work tree."""
    bare: bool


@dataclass(frozen=True, slots=True)
class LocalSource(SourcePlugin):
    """Lists every git repository below a folder once.

    A linked work tree or symbolic link counts as the repository that it belongs to. Work trees are
    not searched, so submodules and clones inside them are not listed. Headway's own mirrors are not
    listed either.
    """

    name = "local"
    Settings = LocalSettings
    init_option = InitOption(
        key="path",
        metavar="FOLDER",
        help="Read the git repositories below this folder.  "
        "[default: clones, if no forge is given]",
        placeholder="clones",
        comment="every git repository below this folder",
    )

    folder: Path
    label: str
    """The folder as written in headway.toml.

    Every repository key contains this path, so moving the workspace does not change the keys.
    """

    @classmethod
    def from_settings(cls, settings: LocalSettings, context: SourceContext) -> Self:
        folder = (context.workspace / settings.path).absolute()
        return cls(folder, os.path.normpath(settings.path))

    @property
    def id(self) -> str:
        return f"local:{self.label}"

    def list_repositories(self) -> Listing:
        """List the repositories below the folder.

        Raises:
            SourceFolderError: The folder cannot be read.
            SameNameError: Two repositories would have the same name.
        """
        if not self.folder.is_dir():
            raise SourceFolderError(self.folder, "there is no such folder")
        repositories: list[Repository] = []
        unlisted: list[Unlisted] = []
        problems: list[str] = []
        notes: dict[str, str] = {}
        for name, place in self._places(problems).items():
            key = f"local/{self.label}/{name}"
            try:
                repository, note = _describe(self.id, key, name, place)
                repositories.append(repository)
                if note is not None:
                    notes[key] = note
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
            definite=True,
            notes=notes,
        )

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Lookup]:
        """Examine the folders of repositories that are missing or appear to be empty.

        A repository is gone only if its folder is gone. A folder without `HEAD`, `refs` or
        `objects` can still be a damaged repository.
        """
        return {key: self._look_at(key.removeprefix(f"local/{self.label}/")) for key in keys}

    def _look_at(self, name: str) -> Lookup:
        for folder in (self.folder / name, self.folder / f"{name}.git"):
            if os.path.lexists(folder):
                return Lookup(
                    reason=f"the folder {folder} still exists, but the git data in it is damaged "
                    "or was replaced; restore the git data, or, if you no longer need the "
                    f"repository, delete {folder}"
                )
        return Lookup(departure="its folder was removed")

    def _places(self, problems: list[str]) -> dict[str, _Place]:
        """Return the preferred folder of each repository by name, in order of path.

        Raises:
            SameNameError: Two repositories have the same name.
        """
        chosen: dict[str, _Place] = {}
        for place in _find_repositories(os.fspath(self.folder), problems):
            other = chosen.get(place.real)
            if other is None or place.rank < other.rank:
                chosen[place.real] = place
        named: dict[str, _Place] = {}
        for place in sorted(chosen.values(), key=lambda place: place.path):
            name = self._name(place.path)
            if name in named:
                raise SameNameError(
                    self.folder, name, *(_shown(found.path) for found in (named[name], place))
                )
            named[name] = place
        return named

    def _name(self, path: str) -> str:
        """Return a repository's name from its path. The path of the folder itself is empty."""
        return _shown((path or self.folder.resolve().name).removesuffix(".git"))


def _shown(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _describe(source: str, key: str, name: str, place: _Place) -> tuple[Repository, str | None]:
    """Return a repository's record, and a note to the user about the scanned branch, if any."""
    # The HEAD of a linked work tree is somebody's current branch, so use the repository's HEAD.
    common = place.common
    branch, tip, note = choose_branch(common, common, bare=place.bare)
    page, link_style = web_page(common)
    repository = Repository(
        key=key,
        name=name,
        source=source,
        clone_url=common,
        default_branch=branch if tip is not None else None,
        tip=tip,
        web_url=page,
        link_style=link_style,
        empty=tip is None and not has_references(common),
    )
    return repository, note


def _find_repositories(folder: str, problems: list[str]) -> Iterator[_Place]:
    """Yield the folder of every repository at or below `folder`, in order of path."""
    git_dir = find_git_folder(folder)
    if git_dir is not None:
        yield _place(folder, "", git_dir, os.path.realpath(folder))
        return
    real = os.path.realpath(folder)
    pending = [""]
    while pending:
        parent = pending.pop()
        subfolders = []
        for entry in _folders_in(f"{folder}/{parent}" if parent else folder, problems):
            path = f"{parent}/{entry.name}" if parent else entry.name
            place = f"{folder}/{path}"
            git_dir = find_git_folder(place)
            if git_dir is not None:
                is_link = entry.is_symlink()
                # The folders above `place` are not links, because links are not searched.
                yield _place(place, path, git_dir, None if is_link else f"{real}/{path}")
            elif not entry.is_symlink():
                subfolders.append(path)
        pending += reversed(subfolders)


def _place(folder: str, path: str, git_dir: str, real: str | None) -> _Place:
    """Describe a folder that contains a repository.

    Args:
        folder: The folder that contains the repository.
        path: The path of this folder below the source's folder.
        git_dir: The repository's git folder.
        real: The path of `folder` without symbolic links; None if `folder` itself is a link.
    """
    try:
        common = common_folder(git_dir)
    except OSError:
        # `_describe` reports later why the repository cannot be read.
        common = git_dir
    linked_work_tree = common != git_dir
    # Resolve links only if necessary, because this takes longer than reading the repository.
    is_resolved = real is not None and common == folder
    return _Place(
        path,
        common,
        real if real is not None and is_resolved else os.path.realpath(common),
        rank=2 if linked_work_tree else 1 if real is None else 0,
        bare=not common.endswith("/.git") if linked_work_tree else git_dir == folder,
    )


def _folders_in(folder: str, problems: list[str]) -> list[os.DirEntry[str]]:
    """Return the subfolders in alphabetical order. Add a problem if the folder is unreadable."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(f"{folder} cannot be read: {error.strerror}")
        return []
    return [
        entry for entry in ordered if entry.name not in _SKIPPED and _is_folder(entry, problems)
    ]


def _is_folder(entry: os.DirEntry[str], problems: list[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError as error:
        if error.errno not in ABSENT:
            problems.append(f"{entry.path} cannot be read: {error.strerror}")
        return False
