"""Read package files from strings, in tests of package ecosystems."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from scanners._ecosystems import ecosystem_of
from scanners._ecosystems.records import Facts, Finding


def read(ecosystem: str, path: str, text: str) -> Facts:
    """Read one file from a string, after removing the string's indentation."""
    return ecosystem_of(ecosystem).read(path, dedent(text).lstrip("\n").encode())


def requirements(ecosystem: str, path: str, text: str) -> list[tuple[str, str, int, int]]:
    """Return (package, constraint, line, column) of each requirement, in the order of the file."""
    entries = [
        (entry.package, entry.constraint, entry.line, entry.column)
        for listed in read(ecosystem, path, text).requirements.values()
        for entry in listed
    ]
    return sorted(entries, key=lambda entry: entry[2:])


def locked(ecosystem: str, path: str, text: str) -> list[tuple[str, str, int]]:
    """Return (package, version, line) of each locked version, in the order of the file."""
    entries = [
        (name, entry.version, entry.line)
        for name, listed in read(ecosystem, path, text).locked.items()
        for entry in listed
    ]
    return sorted(entries, key=lambda entry: entry[2])


def find(ecosystem: str, files: Mapping[str, str], package: str) -> list[Finding]:
    """Return the findings about a package in a repository, sorted by path, line and column."""
    facts = {path: read(ecosystem, path, text) for path, text in files.items()}
    return sorted(ecosystem_of(ecosystem).findings(facts, package))
