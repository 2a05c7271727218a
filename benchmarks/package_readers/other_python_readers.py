"""Read Python's manifests and lock files with `packaging` and tomllib, without line numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from benchmarks.package_readers.other_readers import Declaration

_LOCAL = ("editable", "virtual", "directory")
_OTHER_TABLES = ("poetry", "pdm", "uv")


def range_of(constraint: str) -> str:
    """Return a range as `packaging` writes it, `@` for a URL, or an invalid range unchanged."""
    if constraint.startswith("@"):
        return "@"
    try:
        return str(SpecifierSet(constraint))
    except InvalidSpecifier:
        return constraint


def pyproject(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the standard tables with `packaging`. Reject files with tables of Poetry, PDM or uv."""
    document = tomllib.loads(content.decode())
    if any(name in document.get("tool", {}) for name in _OTHER_TABLES):
        raise ValueError("packaging does not read the tables of these tools")
    project = document.get("project", {})
    lists = [
        document.get("build-system", {}).get("requires", []),
        project.get("dependencies", []),
        *project.get("optional-dependencies", {}).values(),
        *document.get("dependency-groups", {}).values(),
    ]
    for text in (item for listed in lists for item in listed if isinstance(item, str)):
        try:
            found = Requirement(text)
        except InvalidRequirement:
            continue
        yield 0, canonicalize_name(found.name), "@" if found.url else str(found.specifier)


def lock(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the packages of uv.lock, poetry.lock, pdm.lock or pylock.toml with tomllib."""
    document = tomllib.loads(content.decode())
    packages: list[dict[str, Any]] = document.get("package", document.get("packages", []))
    for package in packages:
        source = package.get("source", {})
        if "version" in package and not any(kind in source for kind in _LOCAL):
            yield 0, canonicalize_name(package["name"]), package["version"]
