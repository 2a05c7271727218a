"""Parse a TOML file and locate its keys and values. `tomllib` reports no positions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from headway.config.document import MAX_BYTES, Document, KeyPath

_SPACE = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\])*"|' + r"'[^']*'", re.DOTALL
)
_PLAIN = re.compile(r"[^,\]}#\n]*")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def parse_toml(file: Path, content: bytes) -> Document:
    """Parse a TOML file. If it is invalid, `problems` lists the errors and `data` is None."""
    document = Document(file, [])
    if len(content) > MAX_BYTES:
        document.problems.append(document.at(1, 1, "the file is larger than 1 MiB", "shorten it"))
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.lines = content.decode("utf-8", "replace").splitlines()
        line = content.count(b"\n", 0, error.start)
        before = content[content.rfind(b"\n", 0, error.start) + 1 : error.start]
        column = len(before.decode("utf-8", "replace")) + 1
        document.problems.append(
            document.at(line + 1, column, "the file is not UTF-8 text", "save it as UTF-8")
        )
        return document
    text = text.replace("\r\n", "\n")
    document.lines = text.split("\n")
    try:
        document.data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        place = _AT.search(reason)
        end = len(document.lines), len(document.lines[-1]) + 1
        line, column = (int(place[1]), int(place[2])) if place and place[1] else end
        reason = _AT.sub("", reason)
        document.problems.append(
            document.at(line, column, f"this is not valid TOML: {reason[:1].lower()}{reason[1:]}")
        )
    except RecursionError:
        document.problems.append(
            document.at(1, 1, "this value is nested too deeply", "use fewer levels")
        )
    else:
        _Places(document, text).find()
    return document


class _Places:
    """Finds the positions of keys and values in one pass over a valid TOML file."""

    def __init__(self, document: Document, text: str) -> None:
        self._document = document
        self._text = text
        self._at = 0
        """The offset of the next unread character."""
        self._counts: dict[KeyPath, int] = {}
        """Maps each array of tables to the index of its latest table."""
        self._line, self._line_start = 1, 0
        self._counted = 0
        """The offset up to which lines have been counted in `_line`."""

    def find(self) -> None:
        self._document.places[()] = (1, 1)
        table: KeyPath = ()
        while True:
            self._skip(_BETWEEN)
            if self._at >= len(self._text):
                return
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._assignment(table)

    def _header(self) -> KeyPath:
        """Read a table header and return the table's path."""
        place = self._place()
        is_array = self._text.startswith("[[", self._at)
        self._at += 1 + is_array
        path: KeyPath = ()
        for name in self._names():
            path = self._in_array((*path, name))
        if is_array:
            base = path[:-1] if isinstance(path[-1], int) else path
            self._document.keys.setdefault(base, place)
            self._document.places.setdefault(base, place)
            self._counts[base] = self._counts.get(base, -1) + 1
            path = (*base, self._counts[base])
        self._document.keys.setdefault(path, place)
        self._document.places.setdefault(path, place)
        self._at += 1 + is_array
        return path

    def _in_array(self, path: KeyPath) -> KeyPath:
        """Return the path of the latest table if `path` is an array of tables, otherwise `path`."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _assignment(self, table: KeyPath) -> None:
        place = self._place()
        path = table
        for name in self._names():
            path = (*path, name)
            self._document.keys.setdefault(path, place)
            self._document.places.setdefault(path, place)
        self._at += 1
        self._skip(_SPACE)
        self._document.places[path] = self._place()
        self._value(path)

    def _names(self) -> list[str]:
        """Read a dotted key and return its parts."""
        names = []
        while True:
            self._skip(_SPACE)
            found = _BARE.match(self._text, self._at) or _STRING.match(self._text, self._at)
            assert found is not None
            name = found[0]
            if name[0] in "\"'":
                name = tomllib.loads(f"x = {name}")["x"]
            names.append(name)
            self._at = found.end()
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return names
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            found = _STRING.match(self._text, self._at) or _PLAIN.match(self._text, self._at)
            assert found is not None
            self._at = found.end()

    def _list(self, path: KeyPath) -> None:
        self._at += 1
        position = 0
        while True:
            self._skip(_BETWEEN)
            if self._text[self._at] == "]":
                break
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._document.places[(*path, position)] = self._place()
            self._value((*path, position))
            position += 1
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while True:
            self._skip(_BETWEEN)
            if self._text[self._at] == "}":
                break
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._assignment(path)
        self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _place(self) -> tuple[int, int]:
        newlines = self._text.count("\n", self._counted, self._at)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rfind("\n", 0, self._at) + 1
        self._counted = self._at
        return self._line, self._at - self._line_start + 1
