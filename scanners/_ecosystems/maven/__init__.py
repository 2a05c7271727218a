"""Maven packages, in Maven and Gradle files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..records import Facts, Finding
from ..version_sets import VersionSet
from . import versions as _versions
from .effective import PomReader, is_pom
from .gradle_builds import GradleReader
from .gradle_catalogue import read_catalogue, read_lock_file, read_properties
from .gradle_script import read_script
from .pom import read_pom

_NAME = re.compile(r"[\w.-]+:[\w.-]+", re.ASCII)
_PLUGIN_ID = re.compile(r"[\w.-]+", re.ASCII)


class Maven:
    """Packages of Maven repositories, named `group:artifact`."""

    name = "maven"
    files: tuple[str, ...] = (
        *("pom.xml", "*.pom", ".mvn/extensions.xml"),
        *("*.gradle", "*.gradle.kts", "gradle.properties", "*.versions.toml"),
        *("gradle.lockfile", "buildscript-gradle.lockfile", "gradle/dependency-locks/*.lockfile"),
        "buildSrc/**/*.kt",
    )

    def normalise(self, package: str) -> str:
        """Return the name as `group:artifact`.

        A Gradle plugin ID is converted to the name of the plugin's marker artifact.
        """
        if _NAME.fullmatch(package):
            return package
        if _PLUGIN_ID.fullmatch(package):
            return f"{package}:{package}.gradle.plugin"
        raise ValueError(f"`{package:.80}` is not a Maven package; write `group:artifact`")

    def read(self, path: str, content: bytes) -> Facts:
        """Read one file."""
        if is_pom(path):
            return read_pom(path, content)
        if path.endswith(".versions.toml"):
            return read_catalogue(path, content)
        if path.endswith(".lockfile"):
            return read_lock_file(content)
        if path.endswith(".properties"):
            return read_properties(content)
        return read_script(content)

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a package in all files of a repository."""
        yield from PomReader(facts).findings(package)
        yield from GradleReader(facts).findings(package)

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range of Maven or Gradle, such as `(,2.0)`."""
        return _versions.versions(constraint)

    def key(self, version: str) -> Any:
        """Return the sort key of a version in Maven's order."""
        return _versions.key(version)


ECOSYSTEM = Maven()
