"""Files and components that GitLab CI includes from other projects."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from . import tags
from .git_references import version_of
from .records import Facts, Finding, Requirement
from .version_sets import ALL, VersionSet
from .yaml_scalars import Mapping as YamlMapping
from .yaml_scalars import read_mappings

_NAME = re.compile(r"[\w.\-]+(?:/[\w.\-]+)+", re.ASCII)
_HOST = re.compile(r"^(?:[^/]*\.[^/]*|\$\{?\w+\}?)/(?=[^/]+/)")
_LATEST = "~latest"
"""The version that stands for the newest release of a component."""


class GitLab:
    """Projects whose files are included, and components. Both are named by their paths."""

    name = "gitlab"
    files: tuple[str, ...] = (
        *(".gitlab-ci.yml", ".gitlab-ci.yaml", "*.gitlab-ci.yml", "*.gitlab-ci.yaml"),
        *(".gitlab/**/*.yml", ".gitlab/**/*.yaml"),
    )

    def normalise(self, package: str) -> str:
        """Return the path in lower case, without the host."""
        name = _HOST.sub("", package.removeprefix("https://"))
        if not _NAME.fullmatch(name):
            raise ValueError(f"`{package:.80}` is not a project; write `group/project`")
        return name.lower()

    def read(self, path: str, content: bytes) -> Facts:  # noqa: ARG002 - the interface requires it
        """Read a pipeline definition."""
        if b"include" not in content:
            return Facts()
        lines = content.decode("utf-8-sig", "replace").split("\n")
        found = [one for mapping in read_mappings(content) for one in _included(mapping, lines)]
        by_name = defaultdict[str, list[Requirement]](list)
        for requirement in sorted(found, key=lambda one: (one.line, one.column)):
            by_name[requirement.package].append(requirement)
        return Facts({name: tuple(found) for name, found in by_name.items()})

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a project or component in all files."""
        return tags.findings(facts, package)

    def versions(self, constraint: str) -> VersionSet:
        """Return the tags in a range such as `<2`."""
        return ALL if constraint.strip() == _LATEST else tags.versions(constraint)

    def key(self, version: str) -> tags.Key:
        """Return the sort key of a tag or branch."""
        return tags.key(version)


ECOSYSTEM = GitLab()


def _included(mapping: YamlMapping, lines: list[str]) -> Iterator[Requirement]:
    if "include" not in mapping.path:
        return
    project = mapping.scalars.get("project")
    if project is not None:
        reference = mapping.scalars.get("ref")
        version = ""
        if reference is not None:
            version = version_of(reference.value, lines[reference.line - 1])
        name = project.value.strip("/").lower()
        yield Requirement(name, version, project.line, project.column)
    component = mapping.scalars.get("component")
    if component is not None:
        name, _, reference_text = component.value.partition("@")
        version = version_of(reference_text, lines[component.line - 1])
        name = _HOST.sub("", name).lower()
        for known_as in {name, name.rpartition("/")[0]} - {""}:
            yield Requirement(known_as, version, component.line, component.column)
