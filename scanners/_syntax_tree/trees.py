"""Syntax trees of files and patterns, parsed by ast-grep."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from ast_grep_py import Config, SgNode

PACKAGE = "ast-grep-py"
_CAUSE = re.compile(r"Caused by:\n(.*?)(?:\n\nStack backtrace|\Z)", re.DOTALL)
_NUMBER = re.compile(r"^\s*\d+: ")
_VARIABLE = re.compile(r"\$+(?=[A-Z_])|\$\$\$")
_CLOSING = ")]}\"'`"
_STAND_IN = re.compile("[\U0010dc80-\U0010dcff]")
"""The private-use characters that stand for invalid bytes, as in the `regex` scanner."""
_MAX_ANCESTORS = 400_000
"""The maximum number of nodes that the search for scopes visits in a file. Without this limit,
files with thousands of nested levels would take too long.
"""


class UnreadableFileError(Exception):
    """The matches in a file are unknown. The message gives the reason."""


class InvalidPatternError(ValueError):
    """A pattern or rule object is invalid. The message is a sentence without its subject."""


class MissingPackageError(ValueError):
    """The package ast-grep-py is not installed."""

    def __init__(self) -> None:
        super().__init__(
            f"the `ast` scanner needs the package {PACKAGE}, which is not installed; "
            "run `pip install 'headway[ast]'`"
        )


def installed_version() -> str:
    """Return the version of ast-grep and its grammars, or an empty string if it is missing."""
    try:
        return version_of(PACKAGE)
    except PackageNotFoundError:
        return ""


def require_package() -> None:
    """Check that ast-grep is installed.

    Raises:
        MissingPackageError: ast-grep is not installed.
    """
    _root_class()


def _root_class() -> Callable[[str, str], Any]:
    try:
        from ast_grep_py import SgRoot
    except ImportError as error:
        raise MissingPackageError from error
    return SgRoot


@contextmanager
def _contained() -> Iterator[None]:
    """Convert a panic of ast-grep to an exception that affects only one file."""
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFileError("ast-grep failed on the file") from error


class Tree:
    """The syntax tree of one file."""

    def __init__(self, text: str, grammar: str) -> None:
        self.grammar = grammar
        with _contained():
            self._root: SgNode = _root_class()(text, grammar).root()
        self._visits = 0

    def find_all(self, config: Mapping[str, Any]) -> list[SgNode]:
        """Return the nodes that match a rule with its constraints and utilities.

        Raises:
            InvalidPatternError: ast-grep rejects the rule.
        """
        with _contained():
            try:
                return self._root.find_all(cast("Config", config))
            except Exception as error:
                raise InvalidPatternError(_cause_of(error)) from error

    def of_kinds(self, *kinds: str) -> list[SgNode]:
        """Return the nodes of these kinds."""
        return self.find_all({"rule": {"any": [{"kind": kind} for kind in kinds]}})

    def identifiers(self, names: set[str], *kinds: str) -> list[SgNode]:
        """Return the nodes of these kinds whose source is one of the names."""
        pattern = "|".join(re.escape(name) for name in sorted(names))
        return self.find_all(
            {
                "rule": {
                    "all": [
                        {"any": [{"kind": kind} for kind in kinds]},
                        {"regex": f"^(?:{pattern})$"},
                    ]
                }
            }
        )

    def ancestors(self, node: SgNode) -> list[SgNode]:
        """Return the ancestors of a node, innermost first.

        Raises:
            UnreadableFileError: The code is nested too deeply.
        """
        found = node.ancestors()
        self._visits += len(found)
        if self._visits > _MAX_ANCESTORS:
            raise UnreadableFileError("the code is nested too deeply")
        return found

    def unparsed(self) -> list[SgNode]:
        """Return the outermost fragments that do not parse."""
        fragments: list[SgNode] = []
        end = -1
        for node in self.of_kinds("ERROR"):
            place = node.range()
            if place.start.index >= end:
                fragments.append(node)
                end = place.end.index
        return fragments


def text_of(content: bytes) -> str:
    """Decode a file. A private-use character stands for each byte that is not valid UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        text = content.decode("utf-8", "surrogateescape")
        return re.sub("[\udc80-\udcff]", lambda char: chr(ord(char[0]) + 0x100000), text)


def shown(text: str) -> str:
    """Return a string in which escapes replace the stand-ins for invalid bytes."""
    if text.isascii():
        return text
    return _STAND_IN.sub(lambda char: f"\\x{ord(char[0]) & 0xFF:02x}", text)


def check_pattern(pattern: str, grammar: str) -> None:
    """Check that a pattern parses.

    Raises:
        InvalidPatternError: The pattern does not parse.
    """
    # Replace each variable with an ordinary name of the same length.
    text = _VARIABLE.sub(lambda dollars: "v" * len(dollars[0]), pattern)
    tree = Tree(text, grammar)
    wrong = tree.of_kinds("ERROR")
    if wrong:
        place = wrong[0].range().start
        shown_part = pattern[place.index :].split("\n")[0][:20]
        line = f"line {place.line + 1}, " if "\n" in pattern else ""
        raise InvalidPatternError(
            f"does not parse as {grammar} at {line}column {place.column + 1}, near `{shown_part}`"
        )
    for leaf in tree.find_all({"rule": {"regex": "^$"}}):
        if leaf.kind() in _CLOSING:
            raise InvalidPatternError(f"does not parse as {grammar}: `{leaf.kind()}` is missing")


def has_comment(pattern: str, grammar: str) -> bool:
    """Return whether a pattern contains a comment."""
    return any("comment" in node.kind() for node in Tree(pattern, grammar).find_all(_NAMED))


_NAMED: Mapping[str, Any] = {"rule": {"regex": "(?s)."}}


def _cause_of(error: Exception) -> str:
    """Return the innermost cause in an ast-grep error message, without the stack trace."""
    message = str(error)
    found = _CAUSE.search(message)
    lines = [line for line in (found[1] if found else message).split("\n") if line.strip()]
    numbered = [index for index, line in enumerate(lines) if _NUMBER.match(line)]
    kept = lines[numbered[-1] :] if numbered else lines
    return " ".join(" ".join(_NUMBER.sub("", line) for line in kept).split()).rstrip(".")[:200]
