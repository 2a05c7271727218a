"""Read `package.json`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..facts_builder import FactsBuilder
from ..json_document import Path, read_json
from ..records import Facts
from ..source_text import SourceText

_NAME = re.compile(r"(?:@[a-z0-9~_.\-]+/)?[a-z0-9~_.\-]+", re.ASCII | re.IGNORECASE)
_LONGEST_NAME = 214
_SECTIONS = (
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
    "resolutions",
)
_LOCAL = ("workspace:", "file:", "link:", "portal:", "catalog:")
_ANY = ("", "*", "x", "X", "latest", "next")
"""Ranges that do not restrict versions. `latest` means the most recently published version."""
PEER = "peer"
"""The group of peer dependencies and overrides. Their locked versions are not looked up."""


def normalise(package: str) -> str:
    """Return the name of a package.

    Raises:
        ValueError: No package can have this name.
    """
    name = package.strip()
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name) or name in (".", ".."):
        raise ValueError(f"`{package:.80}` is not a valid npm package name")
    return name


def read_manifest(_path: str, content: bytes) -> Facts:
    """Read the dependencies of all kinds, except local ones and references to a `catalog:`."""
    source = SourceText(content)
    document = read_json(source)
    builder = FactsBuilder(source, normalise)
    for path, name, constraint, group in _entries(document.value):
        package, wanted = _resolved(name, constraint)
        if not wanted.startswith(_LOCAL):
            wanted = "" if wanted in _ANY else wanted
            builder.require(package, wanted, document.offsets[path], group)
    return builder.build()


def _entries(value: Any) -> Iterator[tuple[Path, str, str, str]]:
    """Yield the path, name, range and group of each entry."""
    if not isinstance(value, Mapping):
        return
    for section in _SECTIONS:
        table = value.get(section)
        for key, constraint in table.items() if isinstance(table, Mapping) else ():
            if isinstance(constraint, str):
                name = _last_name(key) if section == "resolutions" else key
                yield (
                    (section, key),
                    name,
                    constraint,
                    PEER if section == "peerDependencies" else "",
                )
    yield from _overrides(value.get("overrides"), ("overrides",))
    pnpm = value.get("pnpm")
    if isinstance(pnpm, Mapping):
        yield from _overrides(pnpm.get("overrides"), ("pnpm", "overrides"))


def _overrides(table: Any, path: Path) -> Iterator[tuple[Path, str, str, str]]:
    """Yield the entries of `overrides`. In a nested table, `.` is the package itself."""
    if not isinstance(table, Mapping):
        return
    for key, value in table.items():
        at = (*path, key)
        if isinstance(value, Mapping):
            yield from _overrides(value, at)
        elif isinstance(value, str) and not value.startswith("$"):
            name = str(path[-1]) if key == "." else key
            yield at, _last_name(name), value, PEER


def _last_name(selector: str) -> str:
    """Return the package name in `parent/**/name`, `parent>name` or `name@range`."""
    last = selector.rpartition(">")[2].strip()
    parts = last.split("/")
    name = "/".join(parts[-2:]) if len(parts) > 1 and parts[-2].startswith("@") else parts[-1]
    at = name.find("@", 1)
    return name[:at] if at > 0 else name


def _resolved(name: str, constraint: str) -> tuple[str, str]:
    """Return the package and range of an entry. The entry can be an alias such as `npm:real@^1`."""
    constraint = constraint.strip()
    if not constraint.startswith("npm:"):
        return name, constraint
    target = constraint.removeprefix("npm:")
    at = target.find("@", 1)
    if at > 0:
        return target[:at], target[at + 1 :]
    # Yarn 2 and later also write `npm:^1.0`, a range of the package itself.
    return (name, target) if re.match(r"[\d^~<>=*]", target) else (target, "")
