"""Combine npm manifests with their lock files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..facts_builder import one_line
from ..locked_findings import locked_only
from ..records import Facts, Finding, Locked, Requirement
from ..repository_paths import ancestors, below, folder_of, name_of, nearest
from .locks import ANY
from .manifest import PEER

_LOCKS = ("npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock")


def npm_findings(facts: Mapping[str, Facts], package: str) -> Iterator[Finding]:
    """Yield manifest entries that require a package, and versions that only lock files name."""
    accounted: dict[str, set[str]] = {}
    for path, file in facts.items():
        for requirement in file.requirements.get(package, ()):
            versions: tuple[str, ...] = ()
            lock = None if requirement.group == PEER else nearest(facts, path, _LOCKS)
            if lock is not None:
                versions = _locked(facts, lock, path, requirement)
                accounted.setdefault(lock, set()).update(versions)
            place = (path, requirement.line, requirement.column)
            yield Finding(*place, requirement.constraint, versions)
    yield from locked_only(facts, package, accounted)


def _locked(
    facts: Mapping[str, Facts], lock: str, path: str, requirement: Requirement
) -> tuple[str, ...]:
    """Return the versions in a lock file that fulfil a requirement of a manifest.

    The result is empty if the lock file does not cover the manifest.
    """
    entries = facts[lock].locked.get(requirement.package, ())
    if name_of(lock) == "yarn.lock":
        wanted = one_line(requirement.constraint or "*")
        chosen = [entry for entry in entries if entry.group == wanted]
        if not chosen and not requirement.constraint:
            chosen = [entry for entry in entries if entry.group in ("latest", "next", "x", "")]
    else:
        folder = below(folder_of(lock), folder_of(path)) or ""
        chosen = _of_folder(entries, folder)
    return tuple(dict.fromkeys(entry.version for entry in chosen))


def _of_folder(entries: tuple[Locked, ...], folder: str) -> list[Locked]:
    """Return the entries of the nearest folder, in the order in which Node.js searches folders."""
    usable = [entry for entry in entries if entry.group != ANY]
    for parent in ancestors(folder):
        chosen = [entry for entry in usable if entry.group == parent]
        if chosen:
            return chosen
    return []
