"""A YAML file as plain data, with the place of every key and value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
import yamlcore

from headway.config.nesting import MAX_DEPTH
from headway.config.problems import Problem

MAX_BYTES = 1 << 20

_MAX_ALIASES = 20
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What YAML counts as a line end; `str.splitlines` knows some more."""
_REFUSED = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

Path_ = tuple[str | int, ...]
"""Where a value is: keys and positions from the root."""


@dataclass(slots=True)
class Document:
    """data: None when the file could not be read as one mapping. places: path of a value to its
    (line, column), 1-based; `keys` has the same for the key in front of it. refused: paths of
    values that are reported and that data holds as None.
    """

    file: Path
    lines: list[str]
    data: dict[str, Any] | None = None
    places: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: set[Path_] = field(default_factory=set)

    def concerns_refused(self, path: Path_) -> bool:
        """Whether what stands at `path` was refused already: then nothing else is said of it."""
        return any(path[:length] in self.refused for length in range(1, len(path) + 1))

    def below(self, prefix: Path_, data: Any) -> Document:
        """The same file seen from `prefix` on, where `data` stands."""
        length = len(prefix)
        places, keys = (
            {path[length:]: at for path, at in known.items() if path[:length] == prefix}
            for known in (self.places, self.keys)
        )
        return Document(self.file, self.lines, data, places, keys)

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
    text = _text(document, content)
    if text is None or not _is_harmless(document, text):
        return document
    try:
        nodes = list(yaml.compose_all(text, Loader=yamlcore.CCoreLoader))
    except yaml.MarkedYAMLError as error:
        # an alias to nothing was reported as an alias
        if not (document.problems and "undefined alias" in str(error.problem)):
            document.problems.append(_not_yaml(document, error))
        return document
    if len(nodes) > 1:
        document.problems.append(
            document.at(*_place(nodes[1]), "a second document begins here", "give it its own file")
        )
        return document
    if not nodes or nodes[0] is None:
        _refuse(document, "the file is empty", "`headway schema` lists the keys that it may have")
        return document
    _Builder(document).build_root(nodes[0])
    return document


def _text(document: Document, content: bytes) -> str | None:
    """The text, with the document's lines set; None when it is not text that YAML allows."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.lines = _LINE_END.split(content.decode("utf-8", "replace"))
        before = _LINE_END.split(content[: error.start].decode("utf-8", "replace"))
        place = len(before), len(before[-1]) + 1
        document.problems.append(
            document.at(*place, "the file is not UTF-8 text", "save it as UTF-8")
        )
        return None
    document.lines = _LINE_END.split(text)
    refused = _REFUSED.search(text)
    if refused is None:
        return text
    before = _LINE_END.split(text[: refused.start()])
    document.problems.append(
        document.at(
            len(before),
            len(before[-1]) + 1,
            f"the character U+{ord(refused[0]):04X} is not allowed in YAML",
            'remove it, or write it as an escape between double quotes, such as "\\x1b"',
        )
    )
    return None


def _is_harmless(document: Document, text: str) -> bool:
    """Looks at the file piece by piece, before a tree is built of it.

    A tree of many thousand levels would overrun the stack, and what an alias repeats would be
    reported where it is written out and not where it is used. Aliases are reported here.
    """
    depth = aliases = 0
    try:
        for event in yaml.parse(text, Loader=yamlcore.CCoreLoader):
            if isinstance(event, yaml.AliasEvent):
                aliases += 1
                if aliases <= _MAX_ALIASES:
                    document.problems.append(
                        document.at(
                            *_place(event), "aliases are not allowed here", "write the value out"
                        )
                    )
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    document.problems.append(
                        document.at(*_place(event), "this is nested too deeply", "")
                    )
                    return False
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:
        document.problems.append(_not_yaml(document, error))
        return False
    if aliases > _MAX_ALIASES:
        said = f"there are {aliases - _MAX_ALIASES:,} more aliases in this file"
        document.problems.append(document.at(len(document.lines), 1, said, "write the values out"))
        # what is left of the file would say nothing but that these values are missing
        return False
    return True


def _not_yaml(document: Document, error: yaml.MarkedYAMLError) -> Problem:
    """A syntax error, at the place where its cause is most likely to be seen."""
    said = error.problem or error.context or "it cannot be read"
    mark = error.problem_mark or error.context_mark
    begun = error.context_mark
    if begun is not None and mark is not None and "end of stream" in said:
        # what is open was opened where the context says
        mark, said = begun, f"{error.context}, the file ends"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    source = document.lines[line - 1] if line <= len(document.lines) else ""
    hint = ""
    if source[column - 1 : column] == "\t" or "\t" in source[: len(source) - len(source.lstrip())]:
        said, hint = "a tab stands where YAML wants spaces", "indent with spaces"
    elif said.startswith("mapping values are not allowed"):
        hint = "put a text that has a colon in it between quotes"
    elif "%" in source[column - 1 : column] or source[column - 1 : column] in ("@", "`"):
        hint = "put a text that begins so between quotes"
    return document.at(line, column, f"this is not YAML: {said}", hint)


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
            # an alias, reported before; what it repeats is not taken in again, however much it is
            self.document.refused.add(path)
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self._check_tag(node, _COLLECTION_TAGS)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a key must be a plain word", "write one word, a colon")
                continue
            if key_node.value == "<<":
                self._complain(key_node, "`<<` is not allowed here", "write the keys out")
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
        self._check_tag(node, _PLAIN_TAGS)
        return node.value

    def _check_tag(self, node: yaml.Node, allowed: Iterable[str]) -> None:
        if node.tag not in allowed:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self._complain(node, f"the tag `{tag}` is not allowed here", "leave it out")

    def _complain(self, node: yaml.Node, message: str, hint: str) -> None:
        self.document.problems.append(self.document.at(*_place(node), message, hint))


_PLAIN_TAGS: Iterable[str] = frozenset(
    ("tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:timestamp")
)

_COLLECTION_TAGS: Iterable[str] = frozenset(("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"))


def _place(node: yaml.Node | yaml.Event) -> tuple[int, int]:
    mark = node.start_mark
    assert mark is not None
    return mark.line + 1, mark.column + 1
