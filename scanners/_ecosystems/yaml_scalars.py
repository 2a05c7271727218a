"""Read the scalars of YAML files with their positions, without building documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from .text_position import Lines

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 200

Path = tuple[str | int, ...]


class Scalar(NamedTuple):
    """A YAML scalar and its position."""

    value: str
    line: int
    """The 1-based line."""
    column: int
    """The 1-based column, in characters."""


@dataclass(slots=True)
class Mapping:
    """A mapping or sequence in a document, with the scalars directly in it."""

    path: Path
    """The keys and indexes that lead to the mapping. The first index is that of the document."""
    scalars: dict[str | int, Scalar] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The key of the mapping in its parent, or an empty string if it has none."""
        last = self.path[-1] if self.path else ""
        return last if isinstance(last, str) else ""

    def text(self, key: str) -> str:
        """Return the value of a key if it is a scalar, or an empty string."""
        scalar = self.scalars.get(key)
        return scalar.value if scalar is not None else ""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is still open."""

    mapping: Mapping
    is_sequence: bool
    key: str | int | None = None
    """The key of the next value, or None if a key comes next."""
    length: int = 0


def read_mappings(content: bytes) -> Iterator[Mapping]:
    """Yield all mappings and sequences of a YAML file. Nested ones come first.

    Raises:
        ValueError: The file is not UTF-8, is not YAML, or is nested too deeply.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(f"the file is not valid UTF-8, line {line}") from None
    try:
        yield from _mappings(yaml.parse(text, Loader=_LOADER), Lines(text))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise ValueError(
            f"the file is not valid YAML ({error.problem:.100}), line {line}"
        ) from None
    except yaml.YAMLError:
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        where = f" at line {Lines(text).place(found.start())[0]}" if found else ""
        raise ValueError(f"the file contains a character that YAML forbids{where}") from None


def _mappings(events: Iterator[Any], lines: Lines) -> Iterator[Mapping]:
    stack: list[_Open] = []
    documents = 0
    for event in events:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if stack:
                # Do not use the line of the mark, because YAML, unlike git, also ends lines at
                # U+2028.
                line, column = lines.place(event.start_mark.index)
                _place(stack[-1], Scalar(event.value, line, column))
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            if len(stack) >= _DEEPEST:
                line = event.start_mark.line + 1
                raise ValueError(f"the values are nested too deeply at line {line}")
            path: Path = (documents,)
            if stack:
                parent = stack[-1]
                path = (*parent.mapping.path, _key(parent))
                _place(parent, None)
            stack.append(_Open(Mapping(path), kind is yaml.SequenceStartEvent))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            yield stack.pop().mapping
        elif kind is yaml.AliasEvent:
            if stack:
                _place(stack[-1], None)
        elif kind is yaml.DocumentEndEvent:
            documents += 1


def _key(parent: _Open) -> str | int:
    if parent.is_sequence:
        return parent.length
    return parent.key if parent.key is not None else ""


def _place(parent: _Open, scalar: Scalar | None) -> None:
    """Record a scalar as a key, as the value of the last key, or as an entry of a sequence."""
    if parent.is_sequence:
        if scalar is not None:
            parent.mapping.scalars[parent.length] = scalar
        parent.length += 1
    elif parent.key is None:
        parent.key = scalar.value if scalar is not None else ""
    else:
        if scalar is not None:
            parent.mapping.scalars[parent.key] = scalar
        parent.key = None


_TEMPLATE = re.compile(rb"\{\{|\{%")


def is_template(content: bytes) -> bool:
    """Return whether a file contains expressions of a template language such as Jinja."""
    return _TEMPLATE.search(content) is not None


def line_scalars(content: bytes, key: str) -> Iterator[Scalar]:
    """Yield the values in `key: value` lines of templates that are not valid YAML."""
    text = content.decode("utf-8", "replace")
    pattern = re.compile(
        rf"""^[ \t]*(?:-[ \t]+)*["']?{key}["']?[ \t]*:[ \t]+(?P<value>[^\s#][^\n]*)""", re.MULTILINE
    )
    line, counted = 1, 0
    for found in pattern.finditer(text):
        start = found.start("value")
        line += text.count("\n", counted, start)
        counted = start
        value = re.sub(r"[ \t]#.*", "", found["value"]).strip().rstrip(",").strip("\"'")
        yield Scalar(value, line, start - text.rfind("\n", 0, start))
