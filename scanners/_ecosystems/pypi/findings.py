"""Combine Python manifests with their constraints files and lock files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..locked_findings import locked_only
from ..records import Facts, Finding, Requirement
from ..repository_paths import ancestors, child, folder_of, name_of
from .locks import MEMBER
from .pyproject import BUILD
from .requirements_file import COMPILED_FROM, CONSTRAINTS, INCLUDE

_LOCKS_BESIDE = {
    "Pipfile": ("Pipfile.lock",),
    "pyproject.toml": ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"),
}
_MAX_INCLUDES = 100


def python_findings(facts: Mapping[str, Facts], package: str) -> Iterator[Finding]:
    """Yield entries that require a package, and versions that only lock files name."""
    asking = [path for path in facts if package in facts[path].requirements]
    compiled = _compiled_files(facts)
    limits = _constraints_files(facts, asking)
    used_locks: dict[str, set[str]] = {}
    for path in asking:
        if path in compiled.values() or path in limits:
            continue
        lock = _lock_of(facts, path)
        for requirement in facts[path].requirements[package]:
            versions: tuple[str, ...] = ()
            if requirement.group != BUILD and path in compiled:
                versions = _pinned(facts[compiled[path]].requirements.get(package, ()))
            elif requirement.group != BUILD and lock is not None:
                versions = _locked(facts[lock], package)
                used_locks.setdefault(lock, set()).update(versions)
            limit = _limit(facts, path, package)
            constraint = ",".join(part for part in (requirement.constraint, limit) if part)
            yield Finding(path, requirement.line, requirement.column, constraint, versions)
    yield from _only_compiled(facts, package, compiled)
    yield from _only_limited(facts, package, limits, asking)
    yield from locked_only(facts, package, used_locks)


def _compiled_files(facts: Mapping[str, Facts]) -> dict[str, str]:
    """Map each source of a compiled requirements file to the compiled file."""
    compiled: dict[str, str] = {}
    for path, file in facts.items():
        for kind, source in file.links:
            if kind == COMPILED_FROM and source in facts and source != path:
                compiled[source] = path
    for path in facts:
        if path.endswith(".in") and path not in compiled:
            target = path.removesuffix(".in") + ".txt"
            if target in facts:
                compiled[path] = target
    return compiled


def _constraints_files(facts: Mapping[str, Facts], asking: list[str]) -> set[str]:
    linked = {path for file in facts.values() for kind, path in file.links if kind == CONSTRAINTS}
    return linked.intersection(facts) | {path for path in asking if "constraint" in name_of(path)}


def _lock_of(facts: Mapping[str, Facts], path: str) -> str | None:
    """Return the lock file beside a manifest, or else the lock file of its workspace."""
    folder, name = folder_of(path), name_of(path)
    for lock in _LOCKS_BESIDE.get(name, ()):
        if child(folder, lock) in facts:
            return child(folder, lock)
    if name == "pyproject.toml":
        for parent in ancestors(folder):
            lock = child(parent, "uv.lock")
            if lock in facts and (MEMBER, folder) in facts[lock].links:
                return lock
    return None


def _locked(lock: Facts, package: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.version for entry in lock.locked.get(package, ())))


def _pinned(requirements: tuple[Requirement, ...]) -> tuple[str, ...]:
    """Return the versions that a compiled requirements file pins."""
    pins = (
        requirement.constraint.lstrip("= ")
        for requirement in requirements
        if requirement.constraint.startswith("==") and "," not in requirement.constraint
    )
    return tuple(dict.fromkeys(pins))


def _limit(facts: Mapping[str, Facts], path: str, package: str) -> str:
    """Return the constraint on a package from the constraints files of a requirements file.

    They are the files that the requirements file, or a file that it includes, refers to.

    Returns:
        An empty string if there is no constraint, or if there are several different ones.
    """
    limits: dict[str, None] = {}
    seen, waiting = {path}, [path]
    while waiting and len(seen) < _MAX_INCLUDES:
        for kind, linked in facts[waiting.pop()].links:
            if linked not in facts or linked in seen:
                continue
            if kind == INCLUDE:
                seen.add(linked)
                waiting.append(linked)
            elif kind == CONSTRAINTS:
                for entry in facts[linked].requirements.get(package, ()):
                    limits[entry.constraint] = None
    # Several entries in one file are alternatives for different Python versions.
    return next(iter(limits)) if len(limits) == 1 else ""


def _only_compiled(
    facts: Mapping[str, Facts], package: str, compiled: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield the entries of compiled files that no source requires."""
    for path in dict.fromkeys(compiled.values()):
        sources = [source for source, target in compiled.items() if target == path]
        if any(package in facts[source].requirements for source in sources):
            continue
        for entry in facts[path].requirements.get(package, ()):
            versions = _pinned((entry,))
            yield Finding(path, entry.line, entry.column, entry.constraint, versions)


def _only_limited(
    facts: Mapping[str, Facts], package: str, limits: set[str], asking: list[str]
) -> Iterator[Finding]:
    """Yield the entries of constraints files if nothing in the repository requires a package."""
    if any(path not in limits for path in asking):
        return
    for path in sorted(limits):
        for entry in facts[path].requirements.get(package, ()):
            yield Finding(path, entry.line, entry.column, entry.constraint)
