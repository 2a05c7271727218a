"""Find the versions of a package in a repository's POMs, including inherited versions."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from ..records import Facts, Finding, Requirement
from .pom import (
    BOM,
    DEPENDENCY,
    MANAGED,
    MANAGED_PLUGIN,
    NAMED_BY_VARIABLE,
    PARENT,
    PARENT_FILE,
    PLUGIN,
    PROFILE_PREFIX,
    replace_variables,
)

_DEEPEST = 50
"""The maximum number of POMs in a chain of parents or of imported BOMs (bills of materials)."""


def is_pom(path: str) -> bool:
    """Return whether a path is that of a POM or of Maven's extensions file."""
    name = posixpath.basename(path)
    return name.endswith((".xml", ".pom"))


class PomReader:
    """Resolves variables and inherited versions in the POMs of a commit."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self._facts = facts
        self._by_artifact: dict[str, list[str]] | None = None
        self._lineages: dict[str, tuple[list[Facts], str]] = {}

    def findings(self, package: str) -> Iterator[Finding]:
        """Find a package in all POMs."""
        for path, facts in self._facts.items():
            if not is_pom(path):
                continue
            for requirement in facts.requirements.get(package, ()):
                yield self._finding(path, requirement)
            for requirement in facts.requirements.get(NAMED_BY_VARIABLE, ()):
                if self._resolve(path, requirement.package, requirement.group)[0] == package:
                    yield self._finding(path, requirement)

    def _finding(self, path: str, requirement: Requirement) -> Finding:
        constraint, missing = self._version(path, requirement)
        return Finding(path, requirement.line, requirement.column, constraint, unresolved=missing)

    def _version(self, path: str, requirement: Requirement) -> tuple[str, str]:
        """Return the version of a requirement, and the first name that could not be resolved."""
        if requirement.constraint:
            return self._resolve(path, requirement.constraint, requirement.group)
        kind, _, profile = requirement.group.partition(" ")
        if kind not in (DEPENDENCY, PLUGIN):
            return "", ""
        name, _ = self._resolve(path, requirement.package, requirement.group)
        found = self._managed(
            path, name, MANAGED if kind == DEPENDENCY else MANAGED_PLUGIN, profile
        )
        if found is not None:
            return found
        lineage, outside = self._lineage(path)
        if kind == DEPENDENCY:
            outside = outside or self._outside_bom(path, lineage)
        return "", outside

    def _managed(self, path: str, package: str, kind: str, profile: str) -> tuple[str, str] | None:
        """Return the managed version of a package and its first unknown variable, or None."""
        lineage, _ = self._lineage(path)
        for facts in lineage:
            for requirement in self._called(facts, path, package):
                its_kind, _, its_profile = requirement.group.partition(" ")
                if its_kind == kind and its_profile in ("", profile) and requirement.constraint:
                    return self._resolve(path, requirement.constraint, requirement.group)
        if kind == MANAGED:
            return self._from_bom(path, lineage, package, frozenset({path}))
        return None

    def _called(self, facts: Facts, path: str, package: str) -> Iterator[Requirement]:
        yield from facts.requirements.get(package, ())
        for requirement in facts.requirements.get(NAMED_BY_VARIABLE, ()):
            if self._resolve(path, requirement.package, requirement.group)[0] == package:
                yield requirement

    def _from_bom(
        self, path: str, lineage: list[Facts], package: str, seen: frozenset[str]
    ) -> tuple[str, str] | None:
        """Look for a package in the imported BOMs in the same repository."""
        for bom in _boms(lineage):
            name, _ = self._resolve(path, bom.package, bom.group)
            version, _ = self._resolve(path, bom.constraint, bom.group)
            imported = self._pom_of(name, version)
            if imported is None or imported in seen or len(seen) > _DEEPEST:
                continue
            its_lineage, _ = self._lineage(imported)
            for facts in its_lineage:
                for requirement in self._called(facts, imported, package):
                    if requirement.group.startswith(MANAGED) and requirement.constraint:
                        return self._resolve(imported, requirement.constraint, requirement.group)
            found = self._from_bom(imported, its_lineage, package, seen | {imported})
            if found is not None:
                return found
        return None

    def _outside_bom(self, path: str, lineage: list[Facts]) -> str:
        """Return the first imported BOM that is not in the repository, or an empty string."""
        for bom in _boms(lineage):
            name, _ = self._resolve(path, bom.package, bom.group)
            version, _ = self._resolve(path, bom.constraint, bom.group)
            if self._pom_of(name, version) is None:
                return f"{name}:{version}"
        return ""

    def _resolve(self, path: str, text: str, group: str = "") -> tuple[str, str]:
        """Replace the variables in a string.

        Also return the first variable without a value, or an empty string.
        """
        if "${" not in text:
            return text, ""
        lineage, _ = self._lineage(path)
        profile = group.partition(" ")[2]

        def value_of(name: str) -> str | None:
            name = name.strip()
            if name.startswith(("project.", "pom.")) and name in lineage[0].variables:
                return lineage[0].variables[name]
            for facts in lineage:
                value = facts.variables.get(f"{PROFILE_PREFIX}{profile}:{name}")
                value = facts.variables.get(name) if value is None or not profile else value
                if value is not None:
                    return value
            return None

        return replace_variables(text, value_of)

    def _lineage(self, path: str) -> tuple[list[Facts], str]:
        """Return the facts of a POM and its ancestors, and the first ancestor that is missing.

        The missing ancestor is `group:artifact:version`, or an empty string if all ancestors are in
        the repository.
        """
        known = self._lineages.get(path)
        if known is not None:
            return known
        lineage: list[Facts] = []
        paths: set[str] = set()
        outside = ""
        current: str | None = path
        while current is not None and current not in paths and len(paths) < _DEEPEST:
            paths.add(current)
            facts = self._facts[current]
            lineage.append(facts)
            current, outside = self._parent(facts)
        self._lineages[path] = lineage, outside
        return lineage, outside

    def _parent(self, facts: Facts) -> tuple[str | None, str]:
        """Return the path of the parent, or its coordinates if it is not in the repository."""
        group, artifact, version = (
            facts.variables.get(f"project.parent.{part}", "")
            for part in ("groupId", "artifactId", "version")
        )
        if not artifact:
            return None, ""
        named = next((path for kind, path in facts.links if kind == PARENT_FILE), None)
        if named is not None and self._is(named, f"{group}:{artifact}", version):
            return named, ""
        found = self._pom_of(f"{group}:{artifact}", version)
        return found, "" if found is not None else f"{group}:{artifact}:{version}"

    def _is(self, path: str, package: str, version: str) -> bool:
        """Return whether a POM has these coordinates. Variables and ranges match any version."""
        facts = self._facts.get(path)
        if facts is None:
            return False
        group, artifact, its_version = (
            facts.variables.get(f"project.{part}", "")
            for part in ("groupId", "artifactId", "version")
        )
        return f"{group}:{artifact}" == package and (
            its_version == version or "${" in its_version + version or "[" in version
        )

    def _pom_of(self, package: str, version: str) -> str | None:
        """Return the path of the POM with these coordinates, if the repository contains it."""
        if self._by_artifact is None:
            self._by_artifact = {}
            for path, facts in self._facts.items():
                artifact = facts.variables.get("project.artifactId")
                if artifact is not None and is_pom(path):
                    name = f"{facts.variables.get('project.groupId', '')}:{artifact}"
                    self._by_artifact.setdefault(name, []).append(path)
        candidates = self._by_artifact.get(package, ())
        return next((path for path in candidates if self._is(path, package, version)), None)


def _boms(lineage: list[Facts]) -> Iterator[Requirement]:
    """Yield the imported BOMs, nearest first."""
    for facts in lineage:
        for requirements in facts.requirements.values():
            for requirement in requirements:
                if requirement.group == BOM:
                    yield requirement


__all__ = ["PARENT", "PomReader", "is_pom"]
