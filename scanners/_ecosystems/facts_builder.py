"""Collect the package facts in a file while it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from sys import intern
from typing import TypeVar

from .records import Facts, Locked, Requirement
from .source_text import SourceText

MAX_TEXT = 1000
"""The maximum length of a constraint or variable, in characters. Longer ones are cut."""

T = TypeVar("T")


class FactsBuilder:
    """Collects requirements and locked versions, and converts offsets to lines and columns."""

    def __init__(self, source: SourceText, normalise: Callable[[str], str]) -> None:
        self.source = source
        self._normalise = normalise
        self._requirements: dict[str, list[Requirement]] = defaultdict(list)
        self._locked: dict[str, list[Locked]] = defaultdict(list)
        self._variables: dict[str, str] = {}
        self._links: dict[tuple[str, str], None] = {}

    def require(self, package: str, constraint: str, offset: int, group: str = "") -> None:
        """Add a requirement if its package name is valid."""
        name = self._name(package)
        if name is not None:
            line, column = self.source.position(offset)
            found = Requirement(name, intern(one_line(constraint)), line, column, intern(group))
            self._requirements[name].append(found)

    def lock(self, package: str, version: str, offset: int, group: str = "") -> None:
        """Add a locked version if its package name is valid."""
        name = self._name(package)
        if name is not None:
            line = self.source.line(offset)
            self.lock_normalised(name, intern(one_line(version)), line, intern(group))

    def lock_normalised(self, package: str, version: str, line: int, group: str) -> None:
        """Add a locked version whose name and version have already been checked."""
        self._locked[package].append(Locked(version, line, group))

    def define(self, name: str, value: str) -> None:
        """Add a variable."""
        self._variables[one_line(name)] = one_line(value)

    def link(self, kind: str, path: str) -> None:
        """Add a reference to another file or folder in the repository."""
        self._links[intern(kind), encodable(path)] = None

    def build(self) -> Facts:
        """Return the collected facts."""
        return Facts(
            _frozen(self._requirements), _frozen(self._locked), self._variables, tuple(self._links)
        )

    def _name(self, package: str) -> str | None:
        try:
            return intern(self._normalise(package))
        except ValueError:
            return None


def one_line(text: str) -> str:
    """Return a string on one line, cut to `MAX_TEXT` characters."""
    text = " ".join(text[: 2 * MAX_TEXT].split())
    return encodable(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…")


def encodable(text: str) -> str:
    """Replace characters that UTF-8 cannot encode. JSON escapes can produce such characters."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _frozen(lists: dict[str, list[T]]) -> dict[str, tuple[T, ...]]:
    return {name: tuple(entries) for name, entries in lists.items()}
