"""Read TOML files."""

from __future__ import annotations

import re
import tomllib

from .nodes import File, Node, Places, UnreadableFileError, decoded, explain

_SPACE = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\])*"|' + r"'[^']*'", re.DOTALL
)
_PLAIN = re.compile(r"[^,\]}#\n]*")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def read_toml(content: bytes) -> File:
    """Read a TOML file.

    Raises:
        UnreadableFileError: The file is not UTF-8, is not valid TOML, or is nested too deeply.
    """
    # `tomllib` also replaces these line endings. The columns before them do not change.
    text = decoded(content).replace("\r\n", "\n")
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        found = _AT.search(reason)
        at_line = int(found[1]) if found and found[1] else text.count("\n") + 1
        reason = explain(text, f"this is not valid TOML: {_AT.sub('', reason)}")
        raise UnreadableFileError(reason, at_line) from None
    except RecursionError:
        raise UnreadableFileError("the values are nested too deeply") from None
    return File([_Reader(text).read()])


class _Reader:
    """Builds the tree of a document that `tomllib` has accepted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = Places(text)
        self._at = 0
        """The offset of the next unread character."""
        self._root = Node(1, 1)
        self._children: dict[int, dict[str, Node]] = {}
        """Maps the `id()` of a table to its values by name."""

    def read(self) -> Node:
        table = self._root
        while True:
            self._skip(_BETWEEN)
            if self._at >= len(self._text):
                return self._root
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._assignment(table)

    def _header(self) -> Node:
        """Read a table header and return the table."""
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 1 + is_array
        *parents, last = self._names()
        self._at += 1 + is_array
        table = self._root
        for name in parents:
            table = self._table(table, name, start)
        if not is_array:
            return self._table(table, last, start)
        array = self._child(table, last) or self._add(table, last, Node(*self._places.at(start)))
        array.items.append(Node(*self._places.at(start)))
        return array.items[-1]

    def _table(self, parent: Node, name: str, start: int) -> Node:
        """Return the named table, or the last table of an array. Create it if it is missing."""
        found = self._child(parent, name)
        if found is None:
            return self._add(parent, name, Node(*self._places.at(start)))
        return found.items[-1] if found.items else found

    def _child(self, parent: Node, name: str) -> Node | None:
        return self._children.get(id(parent), {}).get(name)

    def _add(self, parent: Node, name: str, node: Node) -> Node:
        parent.members.append((name, node))
        self._children.setdefault(id(parent), {})[name] = node
        return node

    def _assignment(self, table: Node) -> None:
        start = self._at
        *parents, last = self._names()
        for name in parents:
            table = self._table(table, name, start)
        self._at += 1
        self._skip(_SPACE)
        self._add(table, last, self._value())

    def _names(self) -> list[str]:
        """Read a dotted key and return its parts."""
        names = []
        while True:
            self._skip(_SPACE)
            found = _BARE.match(self._text, self._at) or _STRING.match(self._text, self._at)
            assert found is not None
            names.append(_string(found[0]) if found[0][0] in "\"'" else found[0])
            self._at = found.end()
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return names
            self._at += 1

    def _value(self) -> Node:
        node = Node(*self._places.at(self._at))
        opening = self._text[self._at : self._at + 1]
        self._at += opening in ("[", "{")
        if opening == "[":
            while self._has_entry("]"):
                node.items.append(self._value())
        elif opening == "{":
            while self._has_entry("}"):
                self._assignment(node)
        else:
            found = _STRING.match(self._text, self._at) or _PLAIN.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            node.text = _string(found[0]) if found[0][:1] in ('"', "'") else found[0].strip()
        return node

    def _has_entry(self, closing: str) -> bool:
        """Move to the next entry of a list or inline table. Return False after the last entry."""
        self._skip(_BETWEEN)
        while self._text[self._at] == ",":
            self._at += 1
            self._skip(_BETWEEN)
        if self._text[self._at] != closing:
            return True
        self._at += 1
        return False

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        assert found is not None
        self._at = found.end()


def _string(literal: str) -> str:
    return str(tomllib.loads(f"x = {literal}")["x"])
