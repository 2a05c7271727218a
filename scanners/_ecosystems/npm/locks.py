"""Read the lock files of npm, Yarn, pnpm and Bun, each in one pass over its text.

The files are large, so only the lines with names and versions are read.
"""

from __future__ import annotations

import re

from ..facts_builder import FactsBuilder
from ..json_document import load_json
from ..records import Facts
from ..source_text import SourceText
from .manifest import normalise

ANY = "*"
"""The group of a version that another package needs, and no manifest of the repository."""

_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)
_NPM_PACKAGE = re.compile(
    r'^[ \t]*"(?P<path>[^"\n]*?node_modules/(?P<key>(?:@[^/"\n]+/)?[^/"\n]+))"[ \t]*:[ \t]*\{\s*'
    r'(?:"name"[ \t]*:[ \t]*"(?P<name>[^"\n]+)",\s*)?"version"[ \t]*:[ \t]*"(?P<version>[^"\n]+)"',
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


def _source(content: bytes) -> SourceText:
    source = SourceText(content)
    conflict = _CONFLICT.search(source.text)
    if conflict is not None:
        line = source.line(conflict.start())
        raise ValueError(f"the file contains a merge conflict, line {line}")
    return source


def read_package_lock(_path: str, content: bytes) -> Facts:
    """Read `package-lock.json`; the group of a version is the folder that may use it."""
    source = _source(content)
    builder = FactsBuilder(source, normalise)
    found = False
    for entry in _NPM_PACKAGE.finditer(source.text):
        found = True
        folder = entry["path"].removesuffix(f"node_modules/{entry['key']}").rstrip("/")
        group = ANY if "node_modules" in folder else folder
        builder.lock(entry["name"] or entry["key"], entry["version"], entry.start("path"), group)
    if not found:
        # Before npm 7, each package was under its name, and packages inside it were indented more.
        # Files without packages are parsed, because they may not be JSON at all.
        indents: list[int] = []
        for entry in _NPM_1.finditer(source.text):
            indents = indents or [len(entry["indent"])]
            group = "" if len(entry["indent"]) == indents[0] else ANY
            name, version = _alias(entry["key"], entry["version"])
            builder.lock(name, version, entry.start("key"), group)
        if not indents:
            load_json(source)
    return builder.build()


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
