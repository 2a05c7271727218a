"""Rust crates, in `Cargo.toml` and `Cargo.lock`."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from . import semver_key
from .facts_builder import FactsBuilder
from .lock_pieces import Found, Layout, read_in_pieces
from .locked_findings import locked_only
from .records import Ecosystem, Facts, Finding, Locked
from .repository_paths import ancestors, child, folder_of, name_of, nearest
from .semver_ranges import helm_range
from .source_text import SourceText
from .toml_document import Path, read_toml
from .version_sets import VersionSet, intersection

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*", re.ASCII)
_LONGEST = 64
_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")
_WORKSPACE = "workspace = true"
"""The constraint that refers to the version in the root manifest of the workspace."""
_PACKAGE = re.compile(
    r'^\[\[package\]\]\s*\nname = "(?P<name>[^"\n]+)"\s*\nversion = "(?P<version>[^"\n]+)"'
    r"(?P<source>\s*\nsource = )?",
    re.MULTILINE,
)


class Cargo:
    """The ecosystem `cargo`."""

    name = "cargo"
    files = ("Cargo.toml", "Cargo.lock")

    def normalise(self, package: str) -> str:
        """Return the name in lower case, with `-` for `_`. crates.io treats both as equal."""
        name = package.strip()
        if len(name) > _LONGEST or not _NAME.fullmatch(name):
            raise ValueError(f"`{package:.80}` is not a valid crate name")
        return name.lower().replace("_", "-")

    def read(self, path: str, content: bytes) -> Facts:
        """Read a manifest or a lock file."""
        source = SourceText(content)
        if name_of(path) == "Cargo.lock":
            return read_in_pieces(_LOCK, source.text, "\n\n")
        builder = FactsBuilder(source, self.normalise)
        document = read_toml(source)
        for place, name, constraint in _entries(document.value):
            group = "workspace" if place[0] == "workspace" else ""
            builder.require(name, constraint, document.offset(*place), group)
        return builder.build()

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a crate in all manifests and lock files."""
        accounted: dict[str, set[str]] = {}
        for path, known in facts.items():
            for one in known.requirements.get(package, ()):
                constraint, unresolved = one.constraint, ""
                if constraint == _WORKSPACE:
                    constraint = _inherited(facts, path, package)
                    unresolved = "" if constraint else _WORKSPACE
                elif one.group and _has_members(facts, path, package):
                    continue
                lock = nearest(facts, path, ("Cargo.lock",))
                versions: tuple[str, ...] = ()
                if lock is not None:
                    versions = self._locked(facts[lock].locked.get(package, ()), constraint)
                    accounted.setdefault(lock, set()).update(versions)
                yield Finding(path, one.line, one.column, constraint, versions, unresolved)
        yield from locked_only(facts, package, accounted)

    def _locked(self, entries: tuple[Locked, ...], constraint: str) -> tuple[str, ...]:
        """Return the locked versions in a range. An invalid range accepts all versions."""
        found = tuple(dict.fromkeys(entry.version for entry in entries))
        try:
            wanted = self.versions(constraint)
            return tuple(version for version in found if wanted.contains(self.key(version)))
        except ValueError:
            return found

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range. `1.2` means `^1.2`."""
        parts = [part.strip() for part in constraint.split(",")]
        if "||" in constraint or any(" - " in part for part in parts):
            raise ValueError(f"`{constraint:.80}` is not a valid Cargo version range")
        return intersection(
            helm_range(f"^{part}" if part[:1].isdigit() and "*" not in part else part)
            for part in parts
        )

    def key(self, version: str) -> semver_key.Key:
        """Return the sort key of a version."""
        return semver_key.key(version)


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Yield the key path, package name and version range of each dependency in a manifest."""
    targets = value.get("target")
    tables: list[tuple[Path, Any]] = [((), value)]
    if isinstance(targets, Mapping):
        tables += [(("target", name), table) for name, table in targets.items()]
    tables.append((("workspace",), value.get("workspace")))
    for path, table in tables:
        for section in _TABLES if isinstance(table, Mapping) else ():
            yield from _table(table.get(section), (*path, section))


def _table(table: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    for name, entry in table.items() if isinstance(table, Mapping) else ():
        if isinstance(entry, str):
            yield (*path, name), name, "" if entry.strip() == "*" else entry
        elif isinstance(entry, Mapping):
            package = entry.get("package")
            known_as = package if isinstance(package, str) else name
            version = entry.get("version")
            if entry.get("workspace") is True:
                yield (*path, name), known_as, _WORKSPACE
            elif isinstance(version, str):
                yield (*path, name), known_as, "" if version.strip() == "*" else version
            elif "path" not in entry and "git" not in entry:
                yield (*path, name), known_as, ""


def _inherited(facts: Mapping[str, Facts], path: str, package: str) -> str:
    """Return the range in the nearest workspace above a manifest, or an empty string."""
    for folder in ancestors(folder_of(path)):
        root = facts.get(child(folder, "Cargo.toml"))
        for one in root.requirements.get(package, ()) if root is not None else ():
            if one.group == "workspace":
                return one.constraint
    return ""


def _has_members(facts: Mapping[str, Facts], root: str, package: str) -> bool:
    """Return whether a workspace member inherits the range. If so, the member has the finding."""
    folder = folder_of(root)
    return any(
        one.constraint == _WORKSPACE
        for path, known in facts.items()
        if not folder or path.startswith(f"{folder}/")
        for one in known.requirements.get(package, ())
    )


def _locked(text: str, context: Hashable) -> tuple[list[Found], Hashable]:
    """Read the crates in part of a lock file, except crates that are folders in the repository."""
    return [
        Found(found["name"], found["version"], found.start("name"))
        for found in _PACKAGE.finditer(text)
        if found["source"]
    ], context


_CARGO = Cargo()
_LOCK = Layout(_locked, _CARGO.normalise)
ECOSYSTEM: Ecosystem = _CARGO
