"""Find the versions of a package in a repository's Gradle builds."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from ..records import Facts, Finding, Requirement
from .gradle_catalogue import BUNDLE
from .gradle_script import ALIAS, PLATFORM, PLUGIN, variables_in, without_scope

_LONGEST_VALUE = 2_000
_SPRING_PLUGIN = "io.spring.dependency-management:io.spring.dependency-management.gradle.plugin"
"""The plugin that takes versions from the BOM of Spring Boot."""


def is_gradle(path: str) -> bool:
    """Return whether a path is that of a Gradle file that can declare requirements."""
    return path.endswith((".gradle", ".gradle.kts", ".versions.toml", ".kt"))


class GradleReader:
    """Resolves variables and aliases in the Gradle files of a commit."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self._facts = facts
        self._defined: dict[str, list[tuple[str, str]]] | None = None

    def findings(self, package: str) -> Iterator[Finding]:
        """Find a package in all Gradle files, and in the lock files beside them."""
        scripts = [(path, facts) for path, facts in self._facts.items() if is_gradle(path)]
        names: dict[str, str] = {}
        folders: set[str] = set()
        for path, facts in scripts:
            for requirement in facts.requirements.get(package, ()):
                folders.add(posixpath.dirname(path))
                finding = self._finding(path, requirement, package)
                yield finding
                if requirement.group.startswith(ALIAS):
                    names[requirement.group.removeprefix(ALIAS)] = finding.constraint
        for path, facts in scripts if names else ():
            for requirement, constraint in self._uses(facts, names):
                folders.add(posixpath.dirname(path))
                yield self._used(path, requirement, constraint, package)
        yield from self._only_locked(package, folders)

    def _uses(self, facts: Facts, names: Mapping[str, str]) -> Iterator[tuple[Requirement, str]]:
        """Yield each use of an alias, alone or in a bundle, and the version of the alias."""
        for name, constraint in names.items():
            for requirement in facts.requirements.get(name.replace("_", "."), ()):
                yield requirement, constraint
        for variables in (other.variables for other in self._catalogues()):
            for variable, members in variables.items():
                if variable.startswith(BUNDLE):
                    used = facts.requirements.get(variable.removeprefix(BUNDLE), ())
                    inside = [names[member] for member in members.split(" ") if member in names]
                    for requirement in used if inside else ():
                        yield requirement, inside[0]

    def _catalogues(self) -> Iterator[Facts]:
        for path, facts in self._facts.items():
            if path.endswith(".versions.toml"):
                yield facts

    def _finding(self, path: str, requirement: Requirement, package: str) -> Finding:
        constraint, missing = self._resolve(path, requirement.constraint)
        if not constraint:
            constraint, missing = self._elsewhere(path, requirement, package)
        locked = () if path.endswith(".toml") else self._locked(path, package)
        return Finding(path, requirement.line, requirement.column, constraint, locked, missing)

    def _used(self, path: str, requirement: Requirement, constraint: str, package: str) -> Finding:
        missing = next((name for _, name in variables_in(constraint)), "")
        return Finding(
            path,
            requirement.line,
            requirement.column,
            constraint,
            self._locked(path, package),
            missing,
        )

    def _elsewhere(self, path: str, requirement: Requirement, package: str) -> tuple[str, str]:
        """Return the version from an enclosing build, or the BOM that sets it."""
        around = [self._facts[other] for other in self._scope(path)]
        for facts in around:
            for other in facts.requirements.get(package, ()):
                if other.constraint:
                    return self._resolve(path, other.constraint)
        if requirement.group == PLUGIN:
            return "", ""
        return "", self._bom(path, around, package)

    def _bom(self, path: str, around: list[Facts], package: str) -> str:
        """Return the BOM that probably sets the version of a package, or an empty string."""
        boms = [
            other
            for facts in around
            for requirements in facts.requirements.values()
            for other in requirements
            if other.group == PLATFORM and other.package != package
        ]
        group = package.partition(":")[0]
        related = [bom for bom in boms if _are_related(bom.package.partition(":")[0], group)]
        if related or len(boms) == 1:
            bom = (related or boms)[0]
            version, _ = self._resolve(path, bom.constraint)
            return f"{bom.package}:{version}".rstrip(":")
        managed = any(_SPRING_PLUGIN in facts.requirements for facts in around)
        return "a BOM" if boms or managed else ""

    def _scope(self, path: str) -> Iterator[str]:
        """Yield the file, and the scripts and properties in its folder and the folders above."""
        yield path
        folder = posixpath.dirname(path)
        while True:
            for name in ("gradle.properties", "build.gradle", "build.gradle.kts"):
                yield from self._existing(posixpath.join(folder, name))
            for name in ("settings.gradle", "settings.gradle.kts"):
                yield from self._existing(posixpath.join(folder, name))
            if not folder:
                return
            folder = posixpath.dirname(folder)

    def _existing(self, path: str) -> Iterator[str]:
        if path in self._facts:
            yield path

    def _locked(self, path: str, package: str) -> tuple[str, ...]:
        """Return the versions in the lock files that belong to a script."""
        versions: dict[str, None] = {}
        for lock in self._locks(posixpath.dirname(path)):
            for locked in self._facts[lock].locked.get(package, ()):
                versions[locked.version] = None
        return tuple(versions)

    def _locks(self, folder: str) -> Iterator[str]:
        for name in ("gradle.lockfile", "buildscript-gradle.lockfile"):
            yield from self._existing(posixpath.join(folder, name))
        older = posixpath.join(folder, "gradle/dependency-locks/")
        yield from (path for path in self._facts if path.startswith(older))

    def _only_locked(self, package: str, folders: set[str]) -> Iterator[Finding]:
        """Yield the lock files with the package if no script in their folder names it."""
        for path, facts in self._facts.items():
            locked = facts.locked.get(package, ())
            if locked and _folder_of_lock(path) not in folders:
                versions = tuple(dict.fromkeys(one.version for one in locked))
                yield Finding(path, locked[0].line, 1, "", versions)

    def _resolve(self, path: str, text: str) -> tuple[str, str]:
        """Replace the variables in a string. Also return the first variable without a value."""
        for _ in range(20):
            missing = ""
            new = text
            for written, name in variables_in(text):
                value = self._value(path, name)
                if value is None or written in value:
                    missing = missing or name
                else:
                    new = new.replace(written, value, 1)
            if new == text:
                return text, missing
            if len(new) > _LONGEST_VALUE:
                break
            text = new
        return text, next((name for _, name in variables_in(text)), "")

    def _value(self, path: str, name: str) -> str | None:
        """Return a variable's value from the nearest file in scope that defines it.

        If no file in scope does, return the value that all definitions in other files share, or
        None if there is no such value.
        """
        for other in self._scope(path):
            value = self._facts[other].variables.get(name)
            if value is not None:
                return value
        if self._defined is None:
            self._defined = {}
            for other, facts in self._facts.items():
                for variable, value in facts.variables.items():
                    self._defined.setdefault(without_scope(variable), []).append((other, value))
        values = {value for _, value in self._defined.get(name.replace("_", "."), ())}
        values |= {value for _, value in self._defined.get(name, ())}
        return values.pop() if len(values) == 1 else None


def _are_related(one: str, other: str) -> bool:
    """Return whether two groups begin with the same two parts, such as `org.junit`."""
    return one.split(".")[:2] == other.split(".")[:2]


def _folder_of_lock(path: str) -> str:
    """Return the folder of the script that a lock file belongs to."""
    folder = posixpath.dirname(path)
    return posixpath.dirname(posixpath.dirname(folder)) if "dependency-locks" in folder else folder
