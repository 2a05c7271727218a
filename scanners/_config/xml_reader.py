"""Read XML files. Namespace prefixes are ignored."""

from __future__ import annotations

import re
from xml.parsers import expat

from .nodes import File, Node, UnreadableFileError, explain

_LONGEST_TAG = 10_000
"""The maximum number of bytes to search in a tag for the position of an attribute."""


def read_xml(content: bytes) -> File:
    """Read an XML file. The members of an element are its child elements and its `@attributes`.

    Raises:
        UnreadableFileError: The file is not XML, or declares entities.
    """
    return File([_Reader(content).read()])


class _Reader:
    """Builds the tree from the parser's events."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._root = Node(1, 1)
        self._open = [self._root]
        self._texts: list[list[str]] = [[]]
        self._text_places: list[tuple[int, int] | None] = [None]
        """The line and column of the first text in each open element."""
        self._lists: list[dict[str, Node]] = [{}]
        """The children of each open element, by name."""
        self._line, self._column = 1, 1
        self._counted = 0
        """The offset whose position is stored in `_line` and `_column`."""
        try:
            content.decode()
            encoding = "utf-8"
        except UnicodeDecodeError:
            encoding = None
        # The declaration may still name the encoding from before a conversion to UTF-8.
        self._parser = expat.ParserCreate(encoding)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._entity

    def read(self) -> Node:
        try:
            self._parser.Parse(self._content, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            text = self._content.decode("utf-8", "replace")
            reason = str(error).partition(":")[0]
            line = getattr(error, "lineno", None)
            raise UnreadableFileError(
                explain(text, f"this is not valid XML: {reason}"), line
            ) from None
        return self._root

    def _entity(self, name: str, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        raise UnreadableFileError(f"the entity `{name:.40}` is not expanded, for safety", line)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        node = Node(*self._place(start))
        for key, value in attributes.items():
            node.members.append((f"@{_local(key)}", self._attribute(key, value, start)))
        self._child_list(_local(name), node).items.append(node)
        self._open.append(node)
        self._texts.append([])
        self._text_places.append(None)
        self._lists.append({})

    def _child_list(self, name: str, first: Node) -> Node:
        children = self._lists[-1]
        if name not in children:
            children[name] = Node(first.line, first.column, repeats=True)
            self._open[-1].members.append((name, children[name]))
        return children[name]

    def _end(self, _name: str) -> None:
        node, parts = self._open.pop(), self._texts.pop()
        place, children = self._text_places.pop(), self._lists.pop()
        text = "".join(parts).strip()
        if text or not children:
            node.text = text
        if place is not None and not children:
            node.line, node.column = place

    def _characters(self, text: str) -> None:
        self._texts[-1].append(text)
        if self._text_places[-1] is None and text.strip():
            leading = len(text) - len(text.lstrip())
            offset = self._parser.CurrentByteIndex + len(text[:leading].encode())
            self._text_places[-1] = self._place(offset)

    def _attribute(self, key: str, value: str, start: int) -> Node:
        found = re.compile(rb"\b" + re.escape(key.encode()) + rb"\s*=\s*[\"']").search(
            self._content, start, start + _LONGEST_TAG
        )
        return Node(*self._place(found.end() if found else start), value)

    def _place(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset. Offsets must be passed in ascending order."""
        piece = self._content[self._counted : offset]
        newlines = piece.count(b"\n")
        if newlines:
            self._line += newlines
            self._column = 1
            piece = piece[piece.rindex(b"\n") + 1 :]
        self._column += len(piece.decode("utf-8", "replace"))
        self._counted = max(self._counted, offset)
        return self._line, self._column


def _local(name: str) -> str:
    return name.rpartition(":")[2]
