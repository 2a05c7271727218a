"""The symbols that rules look for: functions, classes and modules, named as in imports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Names = tuple[str, ...]
"""The path of a symbol: the parts of its module and name. A JavaScript module is one part."""

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_MODULE = re.compile(r"[^\s\"'`:\\]+")
_BELOW = ".*"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function, class or module that a rule looks for."""

    names: Names
    below: bool = False
    """Whether to look for everything below the path, but not the path itself."""

    def depth_in(self, binding: Names, chain: Names) -> int | None:
        """Return the number of attributes in a chain that lead to the symbol.

        Args:
            binding: The path of the imported name at the start of the chain.
            chain: The attributes that follow the imported name.

        Returns:
            The number, or None if the chain does not contain the symbol.
        """
        whole, length = binding + chain, len(self.names)
        if whole[:length] != self.names:
            return None
        if self.below:
            return len(chain) if len(whole) > length else None
        return length - len(binding) if length >= len(binding) else None

    def is_imported_by(self, path: Names) -> bool:
        """Return whether an import of this path is an import of the symbol."""
        if self.below:
            return len(path) > len(self.names) and path[: len(self.names)] == self.names
        return path == self.names

    def is_related_to(self, path: Names) -> bool:
        """Return whether an imported path can lead to the symbol or is below it."""
        length = min(len(path), len(self.names))
        return path[:length] == self.names[:length]


def parse_python_symbol(text: str) -> Symbol:
    """Parse a symbol such as `datetime.datetime.utcnow` or `six.moves.*`.

    Raises:
        ValueError: The string is not a symbol.
    """
    below = text.endswith(_BELOW)
    names = tuple(text.removesuffix(_BELOW).split("."))
    if not all(_IDENTIFIER.fullmatch(name) for name in names):
        raise ValueError(
            f"`{text}` is not a Python symbol; write the module and the name with dots between "
            "them, as in `datetime.datetime.utcnow`, or `six.moves.*` for all names below"
        )
    return Symbol(names, below)


def parse_javascript_symbol(text: str) -> Symbol:
    """Parse a symbol such as `react-dom:render`, `moment` or `lodash:*`.

    Raises:
        ValueError: The string is not a symbol.
    """
    bare = text.removeprefix("node:")
    module, colon, rest = bare.rpartition(":") if ":" in bare else (bare, "", "")
    below = rest == "*" or rest.endswith(_BELOW)
    rest = "" if rest == "*" else rest.removesuffix(_BELOW)
    names = tuple(rest.split(".")) if rest else ()
    bad_names = not all(re.fullmatch(r"[\w$]+", name) for name in names)
    if bad_names or not _MODULE.fullmatch(module) or (colon and not rest and not below):
        raise ValueError(
            f"`{text}` is not a JavaScript symbol; write the module, a colon and the name, as in "
            "`react-dom:render`, or only the module"
        )
    if module.startswith("."):
        raise ValueError(
            f"`{text}` is in a file of the repository; only symbols of packages can be resolved"
        )
    return Symbol((module, *names), below)


def python_text(path: Names) -> str:
    """Return a path as a Python symbol."""
    return ".".join(path)


def javascript_text(path: Names) -> str:
    """Return a path as a JavaScript symbol."""
    return f"{path[0]}:{'.'.join(path[1:])}" if len(path) > 1 else path[0]


def any_related(symbols: Iterable[Symbol], path: Names) -> bool:
    """Return whether an imported path can lead to one of the symbols or is below it."""
    return any(symbol.is_related_to(path) for symbol in symbols)
