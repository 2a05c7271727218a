"""Container images, in Dockerfiles and in YAML files that name images."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from .. import tags
from ..records import Facts, Finding, Requirement
from ..version_sets import VersionSet
from . import images
from .dockerfile import read_dockerfile, substitute
from .manifests import read_lines, read_manifest

_UNRESOLVED = re.compile(r"\$?\{\{\s*(.*?)\s*\}\}|\$\{?(\w+)|\$\{([^}]*)|(\{%.*)")
_LONGEST = 100


class Docker:
    """The ecosystem `docker`: container images, whose versions are tags."""

    name = "docker"
    files: tuple[str, ...] = (
        *("Dockerfile", "Dockerfile.*", "Dockerfile-*", "*.Dockerfile", "*.dockerfile"),
        *("Containerfile", "Containerfile.*", "*.Containerfile"),
        *("*.yml", "*.yaml", ".env", "devcontainer.json", ".devcontainer.json"),
    )

    def normalise(self, package: str) -> str:
        """Return the short name of an image, such as `python`."""
        return images.normalise(package)

    def read(self, path: str, content: bytes) -> Facts:
        """Read one file."""
        name = posixpath.basename(path)
        if name == ".env":
            return Facts(variables=dict(_environment(content)))
        by_name = defaultdict[str, list[Requirement]](list)
        for requirement in _requirements(name, content):
            by_name[requirement.package].append(requirement)
        return Facts({name: tuple(found) for name, found in by_name.items()})

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find an image in all files of a repository."""
        for path, known in facts.items():
            for one in known.requirements.get(package, ()):
                tag = one.constraint
                if "$" in tag:
                    environment = facts.get(posixpath.join(posixpath.dirname(path), ".env"))
                    values = environment.variables if environment is not None else {}
                    tag = substitute(tag, values.get)
                yield Finding(path, one.line, one.column, tag, unresolved=_unresolved(tag))

    def versions(self, constraint: str) -> VersionSet:
        """Return the tags in a range such as `<18`."""
        return tags.versions(constraint)

    def key(self, version: str) -> tags.Key:
        """Return the sort key of a tag."""
        return tags.key(version)


ECOSYSTEM = Docker()


def _requirements(name: str, content: bytes) -> Iterator[Requirement]:
    if name.endswith((".yml", ".yaml")):
        return read_manifest(content)
    if name.endswith(".json"):
        return read_lines(content)
    if name.endswith(".dockerignore"):
        return iter(())
    return read_dockerfile(content.decode("utf-8", "replace"))


def _environment(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the variables of an `.env` file."""
    for line in content.decode("utf-8", "replace").splitlines():
        name, equals, value = line.partition("=")
        name = name.strip().removeprefix("export ").strip()
        if equals and re.fullmatch(r"\w+", name):
            yield name, value.strip().strip("\"'")


def _unresolved(tag: str) -> str:
    """Return the first unresolved variable or expression in a tag, or an empty string."""
    found = _UNRESOLVED.search(tag)
    if found is None:
        return ""
    return next((part for part in found.groups() if part), tag)[:_LONGEST]
