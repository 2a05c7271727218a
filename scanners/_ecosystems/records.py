"""The records that ecosystems exchange with the scanner `dependency`."""

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
    """The version range as written; empty if the file says nothing about versions.

    It may contain variables of the ecosystem.
    """
    line: int
    """The 1-based line."""
    column: int
    """The 1-based column, in characters."""
    group: str = ""
    """The part of the file that contains the requirement, such as a profile or a build stage."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One version of a package that a lock file names."""

    version: str
    line: int
    """The 1-based line."""
    group: str = ""
    """The range, manifest or folder for which the version is locked, if the lock file names one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one file says about packages, independent of any rule."""

    requirements: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    """The requirements by normalised package name."""
    locked: Mapping[str, tuple[Locked, ...]] = field(default_factory=dict)
    """The locked versions by normalised package name; only lock files have any."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Named values that requirements can refer to, such as Maven properties."""
    links: tuple[tuple[str, str], ...] = ()
    """Other files that this file refers to, as (kind, path relative to the repository)."""


class Finding(NamedTuple):
    """What one file says about one package, after its variables have been replaced."""

    path: str
    """The path of the manifest, or of the lock file if no manifest names the package."""
    line: int
    column: int
    constraint: str
    """The version range; empty if the file says nothing about versions."""
    locked: tuple[str, ...] = ()
    """The versions in the lock file that belongs to the manifest."""
    unresolved: str = ""
    """The variable that could not be replaced; empty if all could be."""


class Ecosystem(Protocol):
    """A package ecosystem: its files, its names and its rules for versions."""

    @property
    def name(self) -> str:
        """The name that campaigns use, such as `npm`."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the ecosystem reads, as patterns in the syntax of `.gitignore`."""

    def normalise(self, package: str) -> str:
        """Return the canonical spelling of a package's name.

        Raises:
            ValueError: No package can have this name. The message is one sentence.
        """

    def read(self, path: str, content: bytes) -> Facts:
        """Read one file.

        Raises:
            ValueError: The file cannot be parsed. The message is one sentence with the line.
        """

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a package in all files of a repository.

        Args:
            facts: What each file says, by its path.
            package: The normalised name.
        """

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range, by the rules of the ecosystem.

        Prereleases are in the range if they are between its ends. The prereleases of the upper
        end are not, unless the upper end is a prerelease itself.

        Raises:
            ValueError: The text is not a range. The message is one sentence.
        """

    def key(self, version: str) -> Any:
        """Return the sort key of a version, for `VersionSet.contains`.

        Raises:
            ValueError: The text is not a version. The message is one sentence.
        """
