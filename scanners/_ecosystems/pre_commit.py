"""Repositories of pre-commit hooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from . import tags
from .git_references import repository_name, version_of
from .records import Facts, Finding, Requirement
from .version_sets import VersionSet
from .yaml_scalars import Mapping as YamlMapping
from .yaml_scalars import read_mappings


class PreCommit:
    """Repositories of hooks, named by their URL or, on github.com, also by `owner/name`."""

    name = "pre-commit"
    files: tuple[str, ...] = (".pre-commit-config.yaml", ".pre-commit-config.yml")

    def normalise(self, package: str) -> str:
        """Return the host and path of a repository."""
        return repository_name(package)

    def read(self, path: str, content: bytes) -> Facts:  # noqa: ARG002 - the interface requires it
        """Read a pre-commit configuration."""
        lines = content.decode("utf-8-sig", "replace").split("\n")
        by_name = defaultdict[str, list[Requirement]](list)
        for mapping in read_mappings(content):
            requirement = _repository(mapping, lines)
            if requirement is not None:
                by_name[requirement.package].append(requirement)
        return Facts({name: tuple(found) for name, found in by_name.items()})

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a repository in all configurations."""
        return tags.findings(facts, package)

    def versions(self, constraint: str) -> VersionSet:
        """Return the tags in a range such as `<24`."""
        return tags.versions(constraint)

    def key(self, version: str) -> tags.Key:
        """Return the sort key of a tag or branch."""
        return tags.key(version)


ECOSYSTEM = PreCommit()


def _repository(mapping: YamlMapping, lines: list[str]) -> Requirement | None:
    """Return the repository of a mapping, or None if it names none, as in `repo: local`."""
    repository = mapping.scalars.get("repo")
    revision = mapping.scalars.get("rev") or mapping.scalars.get("sha")
    if repository is None:
        return None
    try:
        name = repository_name(repository.value)
    except ValueError:
        return None
    version = ""
    if revision is not None:
        version = version_of(revision.value, lines[revision.line - 1])
    return Requirement(name, version, repository.line, repository.column)
