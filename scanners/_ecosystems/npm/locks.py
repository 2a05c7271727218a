"""Read the lock files of npm, Yarn, pnpm and Bun, each in one pass over its text.

The files are large, so only the lines with names and versions are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from ..facts_builder import FactsBuilder, one_line
from ..json_document import load_json
from ..records import Facts
from ..source_text import SourceText
from .manifest import normalise

ANY = "*"
"""The group of a version that only another package needs, not a manifest of the repository."""

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
"""The version of packages that are folders of the repository."""
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

_LONGEST_KEPT = 4000
"""The maximum number of characters of a piece that is kept in memory."""


class _Entry(NamedTuple):
    """One version that a piece of `package-lock.json` states."""

    package: str
    version: str
    line: int
    """The 0-based line within the piece."""
    group: str


class _Piece(NamedTuple):
    """What a piece of `package-lock.json` says."""

    entries: tuple[_Entry, ...]
    lines: int


def _source(content: bytes) -> SourceText:
    source = SourceText(content)
    conflict = _CONFLICT.search(source.text) if "<<<<<<< " in source.text else None
    if conflict is not None:
        line = source.line(conflict.start())
        raise ValueError(f"the file contains a merge conflict, line {line}")
    return source


def read_package_lock(_path: str, content: bytes) -> Facts:
    """Read `package-lock.json`; the group of a version is the folder that may use it."""
    source = _source(content)
    builder = FactsBuilder(source, normalise)
    read: Callable[[str, str], Iterator[_Found]] = _read_packages
    first = _NPM_PACKAGE.search(source.text)
    if first is None:
        # Before npm 7, each package was under its name, and packages inside it were indented more.
        # Files without packages are parsed, because they may not be JSON at all.
        first, read = _NPM_1.search(source.text), _read_packages_1
        if first is None:
            load_json(source)
            return builder.build()
    line, indent = 1, first["indent"]
    for text in _pieces(source.text, indent):
        kept = _kept_piece if len(text) <= _LONGEST_KEPT else _piece
        piece = kept(read, text, indent)
        for entry in piece.entries:
            builder.lock_normalised(entry.package, entry.version, line + entry.line, entry.group)
        line += piece.lines
    return builder.build()


def _pieces(text: str, indent: str) -> Iterator[str]:
    """Yield pieces of a text that end after an object with this indentation.

    No entry is in two pieces, because a closing brace never comes before the version.
    """
    start, end_of_object = 0, f"\n{indent}}},\n"
    while (end := text.find(end_of_object, start)) >= 0:
        end += len(end_of_object)
        yield text[start:end]
        start = end
    yield text[start:]


_Found = tuple[str, str, int, str]
"""The name of a package, its version, the offset of its key and its group."""


def _read_packages(text: str, _indent: str) -> Iterator[_Found]:
    for found in _NPM_PACKAGE.finditer(text):
        folder = found["path"].removesuffix(f"node_modules/{found['key']}").rstrip("/")
        group = ANY if "node_modules" in folder else folder
        yield found["name"] or found["key"], found["version"], found.start("path"), group


def _read_packages_1(text: str, indent: str) -> Iterator[_Found]:
    for found in _NPM_1.finditer(text):
        group = "" if len(found["indent"]) == len(indent) else ANY
        yield *_alias(found["key"], found["version"]), found.start("key"), group


def _piece(read: Callable[[str, str], Iterator[_Found]], text: str, indent: str) -> _Piece:
    entries = []
    line = counted = 0
    for name, version, offset, group in read(text, indent):
        line += text.count("\n", counted, offset)
        counted = offset
        with suppress(ValueError):
            entries.append(
                _Entry(intern(normalise(name)), intern(one_line(version)), line, intern(group))
            )
    return _Piece(tuple(entries), text.count("\n"))


_kept_piece = lru_cache(maxsize=1 << 14)(_piece)
"""Cached because successive versions of a lock file have most entries in common."""


def _alias(name: str, version: str) -> tuple[str, str]:
    """Return the package of `npm:real@1.0.0`."""
    found = (
        _SELECTOR.fullmatch(version.removeprefix("npm:")) if version.startswith("npm:") else None
    )
    return (found["name"], found["range"]) if found is not None else (name, version)


def read_yarn_lock(_path: str, content: bytes) -> Facts:
    """Read `yarn.lock`; the group of a version is the range for which it was chosen."""
    source = _source(content)
    builder = FactsBuilder(source, normalise)
    for entry in _YARN.finditer(source.text):
        if entry["version"] == _LOCAL_VERSION:
            continue
        for selector in re.split(r",\s+", entry["selectors"].replace('"', "")):
            found = _SELECTOR.fullmatch(selector.strip())
            if found is not None:
                name, wanted = _alias(found["name"], found["range"])
                if not wanted.startswith(("workspace:", "file:", "link:", "portal:", "patch:")):
                    wanted = wanted.removeprefix("npm:")
                    builder.lock(name, entry["version"], entry.start(), wanted)
    return builder.build()


def read_pnpm_lock(_path: str, content: bytes) -> Facts:
    """Read `pnpm-lock.yaml`; the group of a version is the folder of the manifest that uses it."""
    source = _source(content)
    builder = FactsBuilder(source, normalise)
    keys: list[tuple[int, str]] = []
    for entry in _PNPM_LINE.finditer(source.text):
        indent, key = len(entry["indent"]), entry["key"].strip("'\"")
        while keys and keys[-1][0] >= indent:
            keys.pop()
        parents = [name for _, name in keys]
        _pnpm_entry(builder, parents, key, entry["value"].strip(), entry.start("key"))
        keys.append((indent, key))
    return builder.build()


def _pnpm_entry(
    builder: FactsBuilder, parents: list[str], key: str, value: str, offset: int
) -> None:
    """Add the version that one line states, if it states one."""
    match parents:
        case ["packages"]:
            found = _PNPM_PACKAGE.fullmatch(key)
            if found is not None:
                builder.lock(found["name"], found["version"], offset, ANY)
        case ["importers", folder, section, name] if section in _PNPM_SECTIONS:
            if key == "version":
                _pnpm_version(builder, folder, name, value, offset)
        case ["importers", folder, section] if section in _PNPM_SECTIONS and value:
            _pnpm_version(builder, folder, key, value, offset)
        case [section] if section in _PNPM_SECTIONS and value:
            _pnpm_version(builder, ".", key, value, offset)
        case [section, name] if section in _PNPM_SECTIONS and key == "version":
            _pnpm_version(builder, ".", name, value, offset)


def _pnpm_version(builder: FactsBuilder, folder: str, name: str, value: str, offset: int) -> None:
    value = value.strip("'\"")
    # An alias names the package that it stands for: `/real@1.0.0` or `real@1.0.0`.
    found = _PNPM_PACKAGE.fullmatch(value)
    if found is not None and not value[0].isdigit():
        builder.lock(found["name"], found["version"], offset, _folder(folder))
    elif value[:1].isdigit():
        version = re.split(r"[_(]", value)[0]
        builder.lock(name, version, offset, _folder(folder))


def _folder(importer: str) -> str:
    return "" if importer == "." else importer


def read_bun_lock(_path: str, content: bytes) -> Facts:
    """Read `bun.lock`; a key such as `parent/name` is a version that only the parent uses."""
    source = _source(content)
    builder = FactsBuilder(source, normalise)
    for entry in _BUN.finditer(source.text):
        if entry["version"][:1].isdigit():
            group = "" if normal(entry["key"]) else ANY
            builder.lock(entry["name"], entry["version"], entry.start("key"), group)
    return builder.build()


def normal(key: str) -> bool:
    """Return whether a key of `bun.lock` is a package and not one inside another package."""
    return key.count("/") == (1 if key.startswith("@") else 0)
