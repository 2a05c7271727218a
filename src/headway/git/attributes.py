"""Determine which paths `.gitattributes` files mark as vendored or generated.

The rules are those of gitattributes(5). The file in the nearest folder takes precedence. Within a
file, the last matching line takes precedence. The pattern `lib` matches a folder but not the files
below it. The pattern `lib/**` matches these files. Only the file in the root folder can define
macros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from headway.git.path_encoding import unquoted
from headway.git.wildmatch import SPECIAL, InvalidPatternError, compiled
from headway.model.vendored import is_vendored

NAME = ".gitattributes"
_MARKS = (b"linguist-vendored", b"linguist-generated")
_SIGN = b"linguist-"
"""If no `.gitattributes` file of a commit contains this string, none can mark a path as vendored or
generated, so the files are not parsed.
"""
_MACRO = b"[attr]"
_MAX_LINE = 2048
"""Git ignores lines of this length or longer, in bytes."""
_BLANK = b" \t\r\n"
_ATTRIBUTE = re.compile(rb"[A-Za-z0-9_.][-A-Za-z0-9_.]*")
_BOM = b"\xef\xbb\xbf"

_Value = bool | bytes | None
"""The value of an attribute: True for `name`, False for `-name`, None for `!name`, or the string in
`name=string`.
"""

_Assignment = tuple[bytes, _Value]


class _Line(NamedTuple):
    """A line that assigns attributes to a pattern or defines a macro."""

    pattern: bytes
    is_macro: bool
    assigned: tuple[_Assignment, ...]


class Attributes:
    """The files that a commit's `.gitattributes` files mark as vendored or generated.

    Two objects are equal if they have the same relevant lines in the same folders.

    Args:
        files: The contents of the files, by path in bytes.
    """

    def __init__(self, files: Mapping[bytes, bytes] | None = None) -> None:
        self._macros: dict[bytes, tuple[_Assignment, ...]] = {}
        """Maps each macro to the attributes that it sets."""
        self._folders: dict[bytes, tuple[_Line, ...]] = {}
        """Maps each folder to the relevant lines of its file, last line first."""
        if files and any(_SIGN in content for content in files.values()):
            self._read(files)

    def __bool__(self) -> bool:
        """Return whether any line can mark a file."""
        return bool(self._folders)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Attributes)
            and self._folders == other._folders
            and self._macros == other._macros
        )

    __hash__ = None  # type: ignore[assignment]  # the files of a commit are compared, never looked up

    def excludes(self, path: bytes) -> bool:
        """Return whether a file is excluded as vendored or generated code.

        A file is excluded if either attribute is set. Otherwise, the file is included if either
        attribute is unset, for example by `-linguist-vendored`. If neither attribute has a value,
        the path decides.
        """
        marks = self._marks(path) if self._folders else ()
        return any(marks) if marks else is_vendored(path.decode("utf-8", "replace"))

    def _marks(self, path: bytes) -> Sequence[bool]:
        """Return whether each attribute is set for a path. Omit attributes without a value."""
        values: dict[bytes, _Value] = {}
        folder = path
        while folder and not all(mark in values for mark in _MARKS):
            folder = folder.rpartition(b"/")[0]
            lines = self._folders.get(folder, ())
            name = path[len(folder) + 1 :] if folder else path
            for line in lines:
                if _pattern(line.pattern).matches(name):
                    self._assign(values, line.assigned)
        return [_is_set(values[mark]) for mark in _MARKS if values.get(mark) is not None]

    def _assign(self, values: dict[bytes, _Value], assigned: Sequence[_Assignment]) -> None:
        """Set the attributes that have no value yet. Lines of higher priority must come first."""
        for name, value in reversed(assigned):
            if name not in values:
                values[name] = value
                if value is True and name in self._macros:
                    self._assign(values, self._macros[name])

    def _read(self, files: Mapping[bytes, bytes]) -> None:
        lines = {path.rpartition(b"/")[0]: _lines(content) for path, content in files.items()}
        macros = {line.pattern: line.assigned for line in lines.get(b"", ()) if line.is_macro}
        names = set(_MARKS)
        while more := {
            macro
            for macro, assigned in macros.items()
            if macro not in names and any(name in names for name, _ in assigned)
        }:
            names |= more
        self._macros = {
            macro: _only(assigned, names) for macro, assigned in macros.items() if macro in names
        }
        for folder, group in sorted(lines.items()):
            kept = [
                _Line(line.pattern, False, assigned)
                for line in reversed(group)
                if not line.is_macro and (assigned := _only(line.assigned, names))
            ]
            if kept:
                self._folders[folder] = tuple(kept)


def _only(assigned: Sequence[_Assignment], names: set[bytes]) -> tuple[_Assignment, ...]:
    return tuple((name, value) for name, value in assigned if name in names)


def _is_set(value: _Value) -> bool:
    return value is not False and value != b"false"


@lru_cache(maxsize=1024)
def _lines(content: bytes) -> tuple[_Line, ...]:
    """Return the lines of a `.gitattributes` file that are valid and can have an effect."""
    content = content.removeprefix(_BOM)
    found = (_line(line) for line in content.split(b"\n") if len(line) < _MAX_LINE)
    return tuple(line for line in found if line is not None)


def _line(text: bytes) -> _Line | None:
    text = text.strip(_BLANK)
    if not text or text.startswith(b"#"):
        return None
    pattern, rest = _first_word(text)
    is_macro = pattern.startswith(_MACRO) and len(pattern) > len(_MACRO)
    if is_macro:
        pattern = pattern.removeprefix(_MACRO)
        if not _is_valid(pattern):
            return None
    elif pattern.startswith(b"!") or pattern.endswith(b"/"):
        # Git ignores negative patterns, and a pattern with a final slash matches no file.
        return None
    assigned = [_assignment(word) for word in rest.split()]
    if not all(_is_valid(name) for name, _ in assigned):
        return None
    return _Line(pattern, is_macro, tuple(assigned))


def _first_word(text: bytes) -> tuple[bytes, bytes]:
    """Return the pattern, which may be quoted, and the rest of the line."""
    if text.startswith(b'"'):
        name = unquoted(text)
        if name is not None:
            return name
    word = re.match(rb"[^ \t\r\n]*", text)
    assert word is not None
    return word.group(), text[word.end() :]


def _assignment(word: bytes) -> _Assignment:
    name, equals, value = word.partition(b"=")
    if name.startswith((b"-", b"!")):
        return name[1:], False if name.startswith(b"-") else None
    return name, value if equals else True


def _is_valid(name: bytes) -> bool:
    # Recent versions of git reserve this prefix and ignore such lines. Git 2.39 does not.
    return _ATTRIBUTE.fullmatch(name) is not None and not name.startswith(b"builtin_")


class _Pattern:
    """A pattern, relative to the folder of its `.gitattributes` file."""

    def __init__(self, text: bytes) -> None:
        self._whole_path = b"/" in text
        text = text.removeprefix(b"/") if self._whole_path else text
        special = [position for position, byte in enumerate(text) if byte in SPECIAL]
        literal = special[0] if special else len(text)
        # Git compares the literal prefix first, so `a**/b` means `a` followed by `**/b`.
        self._prefix, rest = text[:literal], text[literal:]
        self._ending = rest[1:] if special == [0] and rest.startswith(b"*") else None
        self._expression: Any = None
        self._is_valid = True
        if special:
            try:
                self._expression = compiled(rest, whole_path=self._whole_path)
            except InvalidPatternError:
                self._is_valid = False

    def matches(self, path: bytes) -> bool:
        """Return whether the pattern matches a path relative to the pattern's folder."""
        name = path if self._whole_path else path.rpartition(b"/")[2]
        if not self._is_valid or not name.startswith(self._prefix):
            return False
        if self._ending is not None and not self._whole_path:
            return name.endswith(self._ending)
        rest = name[len(self._prefix) :]
        if self._expression is None:
            return not rest
        return self._expression.fullmatch(rest) is not None


@lru_cache(maxsize=4096)
def _pattern(text: bytes) -> _Pattern:
    return _Pattern(text)


NO_ATTRIBUTES = Attributes()
"""No `.gitattributes` files: only the path decides whether a file is vendored or generated."""
