"""Read the lock files of npm, Yarn, pnpm and Bun.

The files are large, so only the lines with names and versions are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from ..json_document import load_json
from ..lock_pieces import Found, Layout, read_in_pieces
from ..records import Facts
from ..source_text import SourceText
from .manifest import normalise

ANY = "*"
"""The group of a version that other packages need, but no manifest in the repository."""

_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)
_NPM_PACKAGE = re.compile(
    r'^(?P<indent>[ \t]*)"(?P<path>[^"\n]*?node_modules/(?P<key>(?:@[^/"\n]+/)?[^/"\n]+))"'
    r'[ \t]*:[ \t]*\{\s*(?:"name"[ \t]*:[ \t]*"(?P<name>[^"\n]+)",\s*)?'
    r'"version"[ \t]*:[ \t]*"(?P<version>[^"\n]+)"',
    re.MULTILINE,
)
_NPM_1 = re.compile(
    r'^(?P<indent>[ \t]*)"(?P<key>[^"\n]+)"[ \t]*:[ \t]*\{\s*"version"[ \t]*:[ \t]*"'
    r'(?P<version>[^"\n]+)"',
    re.MULTILINE,
)
_YARN = re.compile(
    r"^(?P<selectors>[^\s#][^\n]*):[ \t]*\n[ \t]+version:?[ \t]+\"?(?P<version>[^\"\s]+)",
    re.MULTILINE,
)
_LOCAL_VERSION = "0.0.0-use.local"
"""The version of packages that are folders in the repository."""
_SELECTOR = re.compile(r"(?P<name>(?:@[^/@\s]+/)?[^@/\s]+)@(?P<range>.*)", re.DOTALL)
_PNPM_LINE = re.compile(
    r"^(?P<indent> *)(?P<key>'[^'\n]+'|[^\s:#'][^\n:]*|/[^\n]*?):(?P<value>[^\n]*)$", re.MULTILINE
)
_PNPM_PACKAGE = re.compile(
    r"/?(?P<name>(?:@[^/@\s]+/)?[^/@\s()]+)[@/](?P<version>\d[^/@\s_(]*)(?:[_(/].*)?$"
)
_PNPM_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies")
_BUN = re.compile(
    r'^[ \t]*"(?P<key>[^"\n]+)":[ \t]*\["(?P<name>(?:@[^/"\n]+/)?[^@"\n]+)@(?P<version>[^"\n]+)"',
    re.MULTILINE,
)


def _source(content: bytes) -> SourceText:
    source = SourceText(content)
    conflict = _CONFLICT.search(source.text) if "<<<<<<< " in source.text else None
    if conflict is not None:
        line = source.line(conflict.start())
        raise ValueError(f"the file contains a merge conflict, line {line}")
    return source


def read_package_lock(_path: str, content: bytes) -> Facts:
    """Read `package-lock.json`. The group of a version is the folder that can use it."""
    source = _source(content)
    layout, first = _PACKAGES, _NPM_PACKAGE.search(source.text)
    if first is None:
        # Before npm 7, the keys of entries were package names instead of paths.
        # Nested packages were indented further.
        layout, first = _PACKAGES_1, _NPM_1.search(source.text)
        if first is None:
            load_json(source)
            return Facts()
    indent = first["indent"]
    # No entry spans two pieces, because a closing brace never precedes the version.
    return read_in_pieces(layout, source.text, f"\n{indent}}},\n", indent)


def _packages(text: str, context: Hashable) -> tuple[list[Found], Hashable]:
    entries = []
    for found in _NPM_PACKAGE.finditer(text):
        folder = found["path"].removesuffix(f"node_modules/{found['key']}").rstrip("/")
        group = ANY if "node_modules" in folder else folder
        name = found["name"] or found["key"]
        entries.append(Found(name, found["version"], found.start("path"), group))
    return entries, context


def _packages_1(text: str, indent: Hashable) -> tuple[list[Found], Hashable]:
    entries = []
    for found in _NPM_1.finditer(text):
        group = "" if found["indent"] == indent else ANY
        name, version = _alias(found["key"], found["version"])
        entries.append(Found(name, version, found.start("key"), group))
    return entries, indent


def _alias(name: str, version: str) -> tuple[str, str]:
    """Return the real name and version of an alias such as `npm:real@1.0.0`."""
    found = (
        _SELECTOR.fullmatch(version.removeprefix("npm:")) if version.startswith("npm:") else None
    )
    return (found["name"], found["range"]) if found is not None else (name, version)


def read_yarn_lock(_path: str, content: bytes) -> Facts:
    """Read `yarn.lock`. `Locked.group` is the range that resolved to the version."""
    return read_in_pieces(_YARN_ENTRIES, _source(content).text, "\n\n")


def _yarn_entries(text: str, context: Hashable) -> tuple[list[Found], Hashable]:
    entries = []
    for entry in _YARN.finditer(text):
        if entry["version"] == _LOCAL_VERSION:
            continue
        for selector in re.split(r",\s+", entry["selectors"].replace('"', "")):
            found = _SELECTOR.fullmatch(selector.strip())
            if found is not None:
                name, wanted = _alias(found["name"], found["range"])
                if not wanted.startswith(("workspace:", "file:", "link:", "portal:", "patch:")):
                    wanted = wanted.removeprefix("npm:")
                    entries.append(Found(name, entry["version"], entry.start(), wanted))
    return entries, context


def read_pnpm_lock(_path: str, content: bytes) -> Facts:
    """Read `pnpm-lock.yaml`. The group of a version is the folder of the manifest that uses it."""
    return read_in_pieces(_PNPM_LINES, _source(content).text, "\n", ())


def _pnpm_lines(text: str, context: Hashable) -> tuple[list[Found], Hashable]:
    """Find the locked versions in a piece of `pnpm-lock.yaml`.

    The context holds the indentation and key of each parent.
    """
    entries: list[Found] = []
    keys: list[tuple[int, str]] = list(context) if isinstance(context, tuple) else []
    for entry in _PNPM_LINE.finditer(text):
        indent, key = len(entry["indent"]), entry["key"].strip("'\"")
        while keys and keys[-1][0] >= indent:
            keys.pop()
        parents = [name for _, name in keys]
        entries += _pnpm_entry(parents, key, entry["value"].strip(), entry.start("key"))
        keys.append((indent, key))
    return entries, tuple(keys)


def _pnpm_entry(parents: list[str], key: str, value: str, offset: int) -> Iterator[Found]:
    """Yield the version on one line, if the line states one."""
    match parents:
        case ["packages"]:
            found = _PNPM_PACKAGE.fullmatch(key)
            if found is not None:
                yield Found(found["name"], found["version"], offset, ANY)
        case ["importers", folder, section, name] if section in _PNPM_SECTIONS:
            if key == "version":
                yield from _pnpm_version(folder, name, value, offset)
        case ["importers", folder, section] if section in _PNPM_SECTIONS and value:
            yield from _pnpm_version(folder, key, value, offset)
        case [section] if section in _PNPM_SECTIONS and value:
            yield from _pnpm_version(".", key, value, offset)
        case [section, name] if section in _PNPM_SECTIONS and key == "version":
            yield from _pnpm_version(".", name, value, offset)


def _pnpm_version(folder: str, name: str, value: str, offset: int) -> Iterator[Found]:
    value = value.strip("'\"")
    group = "" if folder == "." else folder
    # An alias names its target package: `/real@1.0.0` or `real@1.0.0`.
    found = _PNPM_PACKAGE.fullmatch(value)
    if found is not None and not value[0].isdigit():
        yield Found(found["name"], found["version"], offset, group)
    elif value[:1].isdigit():
        yield Found(name, re.split(r"[_(]", value)[0], offset, group)


def read_bun_lock(_path: str, content: bytes) -> Facts:
    """Read `bun.lock`. A key such as `parent/name` is a version that only the parent uses."""
    return read_in_pieces(_BUN_LINES, _source(content).text, "\n")


def _bun_lines(text: str, context: Hashable) -> tuple[list[Found], Hashable]:
    entries = []
    for entry in _BUN.finditer(text):
        if entry["version"][:1].isdigit():
            group = "" if normal(entry["key"]) else ANY
            entries.append(Found(entry["name"], entry["version"], entry.start("key"), group))
    return entries, context


def normal(key: str) -> bool:
    """Return whether a key of `bun.lock` names a package that is not inside another one."""
    return key.count("/") == (1 if key.startswith("@") else 0)


_PACKAGES = Layout(_packages, normalise)
_PACKAGES_1 = Layout(_packages_1, normalise)
_YARN_ENTRIES = Layout(_yarn_entries, normalise)
_PNPM_LINES = Layout(_pnpm_lines, normalise)
_BUN_LINES = Layout(_bun_lines, normalise)
