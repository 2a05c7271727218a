"""The records that ecosystems exchange with the `dependency` scanner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from .version_sets import VersionSet


@dataclass(frozen=True, slots=True)
class Requirement:
    """One place in a file that requires a package."""

    package: str
    """The normalised name."""
    constraint: str
    """The version range as written, or an empty string if the file states no version.

    It can contain variables, such as `${guava.version}`.
    """
    line: int
    """The 1-based line."""
    column: int
    """The 1-based column, in characters."""
    group: str = ""
    """The kind of requirement, or the part of the file that contains it, such as a profile."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One version of a package that a lock file names."""

    version: str
    line: int
    """The 1-based line."""
    group: str = ""
    """The range, manifest or folder that the version is locked for, if the lock file names one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The package facts in one file, independent of any rule."""

    requirements: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    """The requirements by normalised package name."""
    locked: Mapping[str, tuple[Locked, ...]] = field(default_factory=dict)
    """The locked versions by normalised package name. Only lock files have any."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Named values that requirements can refer to, such as Maven properties."""
    links: tuple[tuple[str, str], ...] = ()
    """What the file refers to, as (kind, target).

    The target is a path relative to the repository or, for the kind `indirect`, a requirement.
    """


class Finding(NamedTuple):
    """The facts about one package in one file, with variables replaced."""

    path: str
    """The path of the manifest, or of the lock file if no manifest names the package."""
    line: int
    column: int
    constraint: str
    """The version range, or an empty string if the file states no version."""
    locked: tuple[str, ...] = ()
    """The versions in use: from the lock file or, in Go and NuGet, from the manifest itself."""
    unresolved: str = ""
    """The variable, BOM (bill of materials) or branch that leaves the version unknown, or an empty
    string.
    """


class Ecosystem(Protocol):
    """A package ecosystem: its files, package names and version rules."""

    @property
    def name(self) -> str:
        """The name of the ecosystem in campaigns, such as `npm`."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the ecosystem reads, as patterns in the syntax of `.gitignore`."""

    def normalise(self, package: str) -> str:
        """Return the canonical spelling of a package's name.

        Raises:
            ValueError: The name is not a valid package name. The message is one sentence.
        """

    def read(self, path: str, content: bytes) -> Facts:
        """Read one file.

        Raises:
            ValueError: The file cannot be parsed. The message is one sentence that names the line.
        """

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a package in all files of a repository.

        Args:
            facts: The facts in each file, by path.
            package: The normalised name.
        """

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range, as defined by the ecosystem.

        The range includes prereleases between its ends. It excludes prereleases of the upper end
        unless the upper end is a prerelease itself.

        Raises:
            ValueError: The constraint is not a range. The message is one sentence.
        """

    def key(self, version: str) -> Any:
        """Return the sort key of a version, for `VersionSet.contains`.

        Raises:
            ValueError: The string is not a version. The message is one sentence.
        """
