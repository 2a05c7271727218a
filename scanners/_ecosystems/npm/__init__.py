"""JavaScript packages from npm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from .. import semver_key
from ..records import Ecosystem, Facts, Finding
from ..repository_paths import name_of
from ..semver_ranges import helm_range
from ..version_sets import ALL, VersionSet
from .findings import npm_findings
from .locks import read_bun_lock, read_package_lock, read_pnpm_lock, read_yarn_lock
from .manifest import normalise, read_manifest

_READERS: Mapping[str, Callable[[str, bytes], Facts]] = {
    "package.json": read_manifest,
    "package-lock.json": read_package_lock,
    "npm-shrinkwrap.json": read_package_lock,
    "yarn.lock": read_yarn_lock,
    "pnpm-lock.yaml": read_pnpm_lock,
    "bun.lock": read_bun_lock,
}
_NOT_EQUAL = re.compile(r"!=")


class Npm:
    """The ecosystem `npm`."""

    name = "npm"
    files = tuple(_READERS)

    def normalise(self, package: str) -> str:
        """Return the name, such as `@babel/core`."""
        return normalise(package)

    def read(self, path: str, content: bytes) -> Facts:
        """Read `package.json` or a lock file."""
        return _READERS[name_of(path)](path, content)

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a package in all manifests and lock files."""
        return npm_findings(facts, package)

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range such as `^1.2`, `1.x || >=2.1 <3` or `1.2 - 1.4`."""
        if _NOT_EQUAL.search(constraint):
            raise ValueError(f"`{constraint:.80}` is not a version range; npm has no `!=`")
        # An empty alternative accepts every version.
        if not all(part.strip() for part in constraint.split("||")):
            return ALL
        return helm_range(constraint)

    def key(self, version: str) -> semver_key.Key:
        """Return the sort key of a version."""
        return semver_key.key(version)


ECOSYSTEM: Ecosystem = Npm()
