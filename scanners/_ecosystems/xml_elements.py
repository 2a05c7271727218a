"""Read XML files as elements with their lines and columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

_DEEPEST = 200
"""The maximum depth of elements. Real manifests have fewer than 20 levels."""


@dataclass(slots=True)
class Element:
    """One XML element, without its namespace."""

    name: str
    line: int
    """The 1-based line of the start tag."""
    column: int
    """The 1-based column of the start tag, in characters."""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of the element, without child elements or surrounding white space."""
        return "".join(self.pieces).strip()

    def child(self, name: str) -> Element | None:
        """Return the first child element with this name, or None."""
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, name: str) -> str:
        """Return the text of the first child element with this name, or an empty string."""
        child = self.child(name)
        return child.text if child is not None else ""

    def at(self, *names: str) -> Iterator[Element]:
        """Yield the elements below this element at a path of names."""
        if not names:
            yield self
            return
        for child in self.children:
            if child.name == names[0]:
                yield from child.at(*names[1:])


class _Builder:
    """Builds the tree while expat reads the file."""

    def __init__(self, parser: expat.XMLParserType, white_space: bytes) -> None:
        """Prepare to build; the parser does not receive `white_space`, the start of the file."""
        self._parser = parser
        self._first_line = white_space.count(b"\n")
        self._first_column = len(white_space) - (white_space.rfind(b"\n") + 1)
        self.root: Element | None = None
        self._open: list[Element] = []

    @property
    def line(self) -> int:
        """The 1-based line at which the parser is, or at which it has failed."""
        return self._first_line + self._parser.CurrentLineNumber

    def start(self, name: str, attributes: dict[str, str]) -> None:
        line, column = self.line, self._parser.CurrentColumnNumber + 1
        if self._parser.CurrentLineNumber == 1:
            column += self._first_column
        if len(self._open) >= _DEEPEST:
            raise ValueError(f"elements are nested more than {_DEEPEST} levels deep, line {line}")
        element = Element(name.rpartition(":")[2], line, column, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].pieces.append(data)

    def entity(self, *_declaration: Any) -> None:
        line = self.line
        raise ValueError(f"the file declares an XML entity, which is not supported, line {line}")


def read_xml(content: bytes) -> Element:
    """Parse an XML file.

    Raises:
        ValueError: The file is not XML, declares entities, or is nested too deeply.
    """
    # expat rejects white space before an XML declaration.
    document = content.lstrip() if content[:1].isspace() else content
    parser = expat.ParserCreate()
    builder = _Builder(parser, content[: len(content) - len(document)])
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.EntityDeclHandler = builder.entity
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise ValueError(f"the file is not valid XML ({reason}), line {builder.line}") from None
    except (LookupError, UnicodeError):
        raise ValueError("the encoding of the XML file is unknown") from None
    if builder.root is None:
        raise ValueError("the file has no XML element")
    return builder.root
