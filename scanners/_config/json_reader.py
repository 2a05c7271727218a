"""Read JSON files, which may contain comments and trailing commas."""

from __future__ import annotations

import json
import re

from .nodes import File, Node, Places, UnreadableFileError, decoded, explain

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+|//[^\n]*|/\*(?s:.*?)\*/)"
    r'|(?P<string>"(?:[^"\\\n]++|\\.)*+")'
    r"|(?P<mark>[{}\[\]:,])"
    r"|(?P<plain>[-+.\w]+)"
)
_PLAIN = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def read_json(content: bytes) -> File:
    """Read a JSON file.

    Raises:
        UnreadableFileError: The file is not UTF-8, or is not JSON with comments.
    """
    text = decoded(content)
    return File([_Reader(text).read()])


class _Reader:
    """Reads a JSON string from start to end, without recursion."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = Places(text)
        self._root: Node | None = None
        self._open: list[tuple[Node, str]] = []
        """The collections that are still open, each with its closing bracket."""
        self._key: str | None = None
        self._state = "value"
        """The element that must come next: value, key, colon, comma or end. A closing bracket may
        take the place of a comma, a key or a list value, so trailing commas are allowed.
        """

    def read(self) -> Node:
        at = 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise self._error(at)
            at = found.end()
            if found.lastgroup != "space":
                self._take(found)
        if self._root is None or self._open:
            raise self._error(len(self._text))
        return self._root

    def _take(self, found: re.Match[str]) -> None:
        symbol, start = found[0], found.start()
        if self._state == "end":
            raise self._error(start)
        if found.lastgroup == "mark" and symbol in "]}":
            self._close(symbol, start)
        elif self._state == "comma":
            self._require(symbol == ",", start)
            self._state = "key" if self._open[-1][1] == "}" else "value"
        elif self._state == "colon":
            self._require(symbol == ":", start)
            self._state = "value"
        elif self._state == "key":
            self._require(found.lastgroup == "string", start)
            self._key = self._string(symbol, start)
            self._state = "colon"
        else:
            self._value(found)

    def _value(self, found: re.Match[str]) -> None:
        symbol, start = found[0], found.start()
        line, column = self._places.at(start)
        if found.lastgroup == "mark":
            self._require(symbol in "[{", start)
            node = Node(line, column)
            self._add(node)
            self._open.append((node, "}" if symbol == "{" else "]"))
            self._state = "key" if symbol == "{" else "value"
            return
        if found.lastgroup == "string":
            node = Node(line, column, self._string(symbol, start))
        else:
            self._require(_PLAIN.fullmatch(symbol) is not None, start)
            is_null = symbol == "null"
            node = Node(line, column, None if is_null else symbol, is_null)
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._open:
            self._root = node
            self._state = "end"
            return
        parent, closing = self._open[-1]
        if closing == "}":
            parent.members.append((self._key or "", node))
        else:
            parent.items.append(node)
        self._state = "comma"

    def _close(self, symbol: str, start: int) -> None:
        expects_value = self._state == "value" and bool(self._open) and self._open[-1][1] == "}"
        self._require(
            bool(self._open) and self._open[-1][1] == symbol and self._state != "colon", start
        )
        self._require(not expects_value, start)
        self._open.pop()
        self._state = "comma" if self._open else "end"

    def _string(self, symbol: str, start: int) -> str:
        if "\\" not in symbol:
            return symbol[1:-1]
        try:
            return str(json.loads(symbol, strict=False))
        except ValueError:
            raise self._error(start) from None

    def _require(self, condition: bool, start: int) -> None:
        if not condition:
            raise self._error(start)

    def _error(self, at: int) -> UnreadableFileError:
        found = "".join(map(_shown, self._text[at : at + 20].partition("\n")[0]))
        problem = (
            f"this is not valid JSON: unexpected `{found}`" if found else "the JSON text is cut off"
        )
        return UnreadableFileError(explain(self._text, problem), *self._places.at(at))


def _shown(char: str) -> str:
    """Escape a control character, because messages must not contain control characters."""
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
