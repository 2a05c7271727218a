"""Read Gradle's version catalogues, lock files and properties."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from ..lock_pieces import Found, Layout, read_in_pieces
from ..records import Facts, Requirement
from .gradle_script import ALIAS, PLUGIN, accessor

BUNDLE = "bundle:"
"""The prefix of variables for bundles. The value lists the members, separated by spaces."""


def read_catalogue(path: str, content: bytes) -> Facts:
    """Read a version catalogue such as `gradle/libs.versions.toml`."""
    text = content.decode("utf-8", "replace")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = re.sub(r"\(at (.*)\)", r"at \1", str(error))
        reason = reason.replace("at end of document", f"line {text.count(chr(10)) + 1}")
        raise ValueError(f"the file is not valid TOML: {reason:.200}") from None
    except ValueError:
        raise ValueError("the file contains a number that is too long") from None
    except RecursionError:
        raise ValueError("the tables of the file are nested too deeply") from None
    catalogue = posixpath.basename(path).removesuffix(".versions.toml")
    places = _places(text)
    versions = _table(document, "versions")
    variables = {
        f"{catalogue}.versions.{accessor(name)}": _version(versions, value)
        for name, value in versions.items()
    }
    for name, members in _table(document, "bundles").items():
        if isinstance(members, list):
            names = " ".join(f"{catalogue}.{accessor(str(member))}" for member in members)
            variables[f"{BUNDLE}{catalogue}.bundles.{accessor(name)}"] = names
    requirements = defaultdict[str, list[Requirement]](list)
    for section, prefix in (("libraries", ""), ("plugins", "plugins.")):
        for name, value in _table(document, section).items():
            package, version = _entry(value, section)
            if package:
                line, column = places.get((section, name), (1, 1))
                group = f"{ALIAS}{catalogue}.{prefix}{accessor(name)}"
                requirements[package].append(
                    Requirement(package, _version(versions, version), line, column, group)
                )
    return Facts({name: tuple(found) for name, found in requirements.items()}, {}, variables)


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = document.get(name, {})
    return table if isinstance(table, dict) else {}


def _entry(value: Any, section: str) -> tuple[str, Any]:
    """Return the package of a library or plugin, and its version as written."""
    if isinstance(value, str):
        name, _, version = value.rpartition(":")
        if section == "libraries" and name.count(":") == 0:
            return value, ""
        return _named(name, section), version
    if not isinstance(value, dict):
        return "", ""
    version = value.get("version", "")
    if section == "plugins":
        return _named(str(value.get("id", "")), section), version
    module = value.get("module") or f"{value.get('group', '')}:{value.get('name', '')}"
    return (str(module) if str(module).strip(":") else ""), version


def _named(name: str, section: str) -> str:
    return f"{name}:{name}.gradle.plugin" if section == PLUGIN + "s" and name else name


def _version(versions: Mapping[str, Any], version: Any) -> str:
    """Return a version as one string. References are followed, and rich versions are simplified."""
    if isinstance(version, dict) and "ref" in version:
        reference = str(version["ref"])
        version = versions.get(reference, f"${{versions.{reference}}}")
    if isinstance(version, dict):
        rich = (version.get(key) for key in ("strictly", "require", "prefer"))
        version = next((text for text in rich if text), "")
    return version if isinstance(version, str) else ""


_LINE = re.compile(
    r"""^[ \t]*(?:\[(?P<table>[^\]\n]+)\]|(?P<quote>["']?)(?P<key>[\w.\-]+?)(?P=quote)[ \t]*=)""",
    re.MULTILINE,
)


def _places(text: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the line and column of each entry, by section and entry name."""
    places: dict[tuple[str, str], tuple[int, int]] = {}
    section = ""
    line, counted = 1, 0
    for found in _LINE.finditer(text):
        start = found.start(found.lastgroup or 0)
        line += text.count("\n", counted, start)
        counted = start
        column = start - text.rfind("\n", 0, start)
        if found["table"] is not None:
            section, _, name = (part.strip(" \t\"'") for part in found["table"].partition("."))
        else:
            name = found["key"]
        if not (found["table"] is None and "." in section):
            places.setdefault((section, name), (line, column))
            places.setdefault((section, name.partition(".")[0]), (line, column))
    return places


_LOCKED = re.compile(r"^([^\s#:=]+:[^\s:=]+):([^\s:=]+)=?", re.MULTILINE | re.ASCII)


def read_lock_file(content: bytes) -> Facts:
    """Read a `gradle.lockfile`, or the lock file of a single configuration."""
    return read_in_pieces(_LOCK, content.decode("utf-8", "replace"), "\n")


def _locked(text: str, context: Hashable) -> tuple[list[Found], Hashable]:
    return [Found(found[1], found[2], found.start()) for found in _LOCKED.finditer(text)], context


_LOCK = Layout(_locked, str)


def read_properties(content: bytes) -> Facts:
    """Read `gradle.properties`."""
    return Facts(variables=dict(_properties(content.decode("utf-8", "replace"))))


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith(("#", "!")):
            yield name.strip(), value.strip()
