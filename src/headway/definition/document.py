"""A YAML file as plain data, with the place of every key and value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
import yamlcore

from headway.definition.nesting import is_nested_too_deeply
from headway.definition.problems import Problem

MAX_BYTES = 1 << 20

Path_ = tuple[str | int, ...]
"""Where a value is: keys and positions from the root."""


@dataclass(slots=True)
class Document:
    """data: None when the file could not be read as one mapping. places: path of a value to its
    (line, column), 1-based; `keys` has the same for the key in front of it.
    """

    file: Path
    lines: list[str]
    data: dict[str, Any] | None = None
    places: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self, message: str, path: Path_ = (), *, at_key: bool = False, hint: str = ""
    ) -> Problem:
        """A problem at a value, or at the nearest value around it that is in the file."""
        places = (self.keys, self.places) if at_key else (self.places, self.keys)
        for length in range(len(path), -1, -1):
            for known in places:
                if path[:length] in known:
                    return self.at(*known[path[:length]], message, hint)
        return self.at(1, 1, message, hint)

    def at(self, line: int, column: int, message: str, hint: str = "") -> Problem:
        """A problem at a line and column."""
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Problem(self.file, line, column, message, hint, source)


def read_document(file: Path) -> Document:
    """Reads one YAML file; everything wrong with it as YAML is in the document's problems."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        document = Document(file, [])
        message = f"the file cannot be read: {error.strerror}"
        document.problems.append(document.at(1, 1, message, "make it readable"))
        return document
    return parse_document(file, content)


def parse_document(file: Path, content: bytes) -> Document:
    """The same for content that is already there."""
    document = Document(file, [])
    if len(content) > MAX_BYTES:
        _refuse(document, "the file is larger than 1 MiB", "split the campaign")
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        document.problems.append(
            document.at(line, 1, "the file is not UTF-8 text", "save it as UTF-8")
        )
        return document
    document.lines = text.splitlines()
    if is_nested_too_deeply(text):
        _refuse(document, "it is nested too deeply", "a file holds one mapping of a few levels")
        return document
    try:
        nodes = list(yaml.compose_all(text, Loader=yamlcore.CCoreLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = error.problem or error.context or "this is not YAML"
        hint = "indent with spaces" if "\\t" in said or "'\t'" in said else ""
        document.problems.append(document.at(line, column, f"this is not YAML: {said}", hint))
        return document
    except (yaml.YAMLError, ValueError) as error:
        _refuse(document, f"this is not YAML: {str(error).splitlines()[0]}", "")
        return document
    if len(nodes) != 1 or nodes[0] is None:
        what = "the file is empty" if not nodes or nodes[0] is None else "there are two documents"
        _refuse(document, what, "a file holds one mapping; `headway schema` lists its keys")
        return document
    _Builder(document).build_root(nodes[0])
    return document


def _refuse(document: Document, message: str, hint: str) -> None:
    document.problems.append(document.at(1, 1, message, hint))


class _Builder:
    """Plain data from nodes; refuses what would make the file mean something hidden."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def build_root(self, node: yaml.Node) -> None:
        if not isinstance(node, yaml.MappingNode):
            self._complain(node, "the file must be a mapping of keys to values", "")
            return
        data = self._build(node, ())
        self.document.data = data if isinstance(data, dict) else None

    def _build(self, node: yaml.Node, path: Path_) -> Any:
        self.document.places[path] = _place(node)
        if id(node) in self.seen:
            self._complain(node, "aliases are not allowed here", "write the value out")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
                self._complain(key_node, "a key must be a plain word", "")
                continue
            key = key_node.value
            if key in built:
                first = self.document.keys[(*path, key)][0]
                self._complain(
                    key_node, f"`{key}` is given twice", f"it is on line {first} already"
                )
                continue
            self.document.keys[(*path, key)] = _place(key_node)
            built[key] = self._build(value_node, (*path, key))
        return built

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool":
            return node.value.lower() == "true"
        if node.tag == "tag:yaml.org,2002:int" and node.value.lstrip("+-").isdecimal():
            return int(node.value) if len(node.value) < 20 else node.value
        if node.tag == "tag:yaml.org,2002:float":
            try:
                return float(node.value)
            except ValueError:
                return node.value
        if node.tag not in _PLAIN_TAGS:
            self._complain(node, f"the tag `{node.tag}` is not allowed here", "leave it out")
        return node.value

    def _complain(self, node: yaml.Node, message: str, hint: str) -> None:
        self.document.problems.append(self.document.at(*_place(node), message, hint))


_PLAIN_TAGS: Iterable[str] = frozenset(
    ("tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:timestamp")
)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
