"""Read TOML and record the position of every key and element."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .source_text import SourceText

MAX_DEPTH = 64
Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_REST_OF_LINE = re.compile(r"[^\n]*")
_KEY = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_STRING = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*"{3,5}'
    r"|'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d [^\s,\]}#]+|[^\s,\]}#]+")


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """The parsed content of a TOML file, with the positions of its parts."""

    value: Mapping[str, Any]
    offsets: Mapping[Path, int]
    """Maps each path to the offset of its key, or of the element in an array."""

    def table(self, *path: str) -> Mapping[str, Any]:
        """Return the table at a path, or an empty table if the path does not lead to one."""
        value: Any = self.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}

    def strings(self, *path: str) -> list[tuple[str, int]]:
        """Return the strings in the array at a path, with their offsets."""
        value = self.table(*path[:-1]).get(path[-1])
        if not isinstance(value, list):
            return []
        return [
            (item, self.offsets.get((*path, index), 0))
            for index, item in enumerate(value)
            if isinstance(item, str)
        ]

    def offset(self, *path: str | int) -> int:
        """Return the offset of a part, or 0 if it is unknown."""
        return self.offsets.get(path, 0)


def read_toml(source: SourceText) -> TomlDocument:
    """Parse a TOML file and locate its parts.

    Raises:
        ValueError: The file is not TOML, or is nested more than `MAX_DEPTH` levels deep.
    """
    offsets = _Locator(source).offsets()
    return TomlDocument(_values(source), offsets)


def _values(source: SourceText) -> dict[str, Any]:
    """Parse a TOML file.

    Run `_Locator` first, because it rejects files for which `tomllib` needs quadratic time.
    """
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        line = re.match(r"line \d+", place)
        where = line[0] if line else f"line {source.text.count(chr(10)) + 1}"
        message = message[:1].lower() + message[1:200]
        raise ValueError(f"the file is not valid TOML: {message}, {where}") from None
    except (RecursionError, ValueError):
        raise ValueError("the TOML is nested too deeply or has invalid values") from None


class _Locator:
    """Finds the offsets in a TOML file. Accepts invalid TOML: `tomllib` checks it later."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._text = source.text
        self._at = 0
        self._offsets: dict[Path, int] = {}
        self._last: dict[Path, int] = {}  # The index of the last table in each array of tables.

    def offsets(self) -> dict[Path, int]:
        """Return the offset of each key and element."""
        table: Path = ()
        self._skip(_GAP)
        while self._at < len(self._text):
            if self._next() == "[":
                table = self._header()
            else:
                self._pair(table, 0)
            self._skip(_REST_OF_LINE)
            self._skip(_GAP)
        return self._offsets

    def _header(self) -> Path:
        start = self._at
        repeated = self._text.startswith("[[", self._at)
        self._at += 2 if repeated else 1
        self._skip(_SPACE)
        parts = self._keys()
        path: Path = ()
        for number, part in enumerate(parts, 1):
            path = (*path, part)
            if repeated and number == len(parts):
                self._last[path] = self._last.get(path, -1) + 1
            if path in self._last:
                path = (*path, self._last[path])
        self._offsets[path] = start
        return path

    def _pair(self, table: Path, depth: int) -> None:
        start = self._at
        path: Path = (*table, *self._keys())
        self._offsets.setdefault(path, start)
        for length in range(len(table) + 1, len(path)):
            self._offsets.setdefault(path[:length], start)
        self._skip(_SPACE)
        if self._next() != "=":
            raise self._error("a key has no value")
        self._at += 1
        self._skip(_SPACE)
        self._value(path, depth)

    def _keys(self) -> list[str]:
        parts: list[str] = []
        while True:
            found = _KEY.match(self._text, self._at)
            if found is None:
                raise self._error("a key is missing")
            parts.append(_key_text(found[0]))
            if len(parts) > MAX_DEPTH:
                raise self._error("the key has too many parts")
            self._at = found.end()
            after = _SPACE.match(self._text, self._at)
            end = after.end() if after else self._at
            if not self._text.startswith(".", end):
                return parts
            self._at = end + 1
            self._skip(_SPACE)

    def _value(self, path: Path, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._error("the TOML is nested too deeply")
        first = self._next()
        if first == "[":
            self._array(path, depth)
        elif first == "{":
            self._inline_table(path, depth)
        else:
            pattern = _STRING if first in ('"', "'") else _SCALAR
            found = pattern.match(self._text, self._at)
            if found is None:
                raise self._error("a value is missing or has no end")
            self._at = found.end()

    def _array(self, path: Path, depth: int) -> None:
        self._at += 1
        index = 0
        while True:
            self._skip(_GAP)
            if self._next() == "]":
                self._at += 1
                return
            self._offsets[(*path, index)] = self._at
            self._value((*path, index), depth + 1)
            index += 1
            self._skip(_GAP)
            self._comma("]")

    def _inline_table(self, path: Path, depth: int) -> None:
        self._at += 1
        while True:
            self._skip(_GAP)
            if self._next() == "}":
                self._at += 1
                return
            self._pair(path, depth + 1)
            self._skip(_GAP)
            self._comma("}")

    def _comma(self, end: str) -> None:
        if self._next() == ",":
            self._at += 1
        elif self._next() != end:
            raise self._error(f"`,` or `{end}` is missing")

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()

    def _error(self, message: str) -> ValueError:
        line = self._source.line(min(self._at, len(self._text)))
        return ValueError(f"the file is not valid TOML: {message}, line {line}")


def _key_text(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    if key.startswith('"'):
        inner = key[1:-1]
        if "\\" not in inner:
            return inner
        try:
            return next(iter(tomllib.loads(f"{key} = 0")))
        except tomllib.TOMLDecodeError:
            return inner
    return key
