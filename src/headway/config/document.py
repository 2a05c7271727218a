"""Read a YAML file as plain data, with the location of every key and value."""

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
from headway.config.yaml_hints import comment_after, explain_syntax

MAX_BYTES = 1 << 20

MAX_NODES = 100_000
"""The maximum number of keys, values, lists and mappings in a file."""
MAX_PROBLEMS = 1000
"""The maximum number of reported problems in one file."""
_MAX_ALIASES = 20
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""The line endings of YAML. `str.splitlines` would also split at other characters."""
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

KeyPath = tuple[str | int, ...]
"""The path of a value from the root of a file: mapping keys and list indices."""


@dataclass(slots=True)
class Document:
    """A YAML or TOML file with the problems found so far."""

    file: Path
    lines: list[str]
    data: dict[str, Any] | None = None
    """The content of the file, or None if it cannot be read as a mapping."""
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    """Maps the path of each value to the 1-based line and column of the value."""
    keys: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    """Maps the path of each value to the 1-based line and column of its key."""
    problems: list[Problem] = field(default_factory=list)
    refused: set[KeyPath] = field(default_factory=set)
    """The paths of values with a reported problem. `data` contains None in their place."""

    def concerns_refused(self, path: KeyPath) -> bool:
        """Return whether the value at `path`, or an enclosing value, has a reported problem."""
        return any(path[:length] in self.refused for length in range(1, len(path) + 1))

    def below(self, prefix: KeyPath, data: Any) -> Document:
        """Return a document for the part of this file at `prefix`, with `data` as its content."""
        length = len(prefix)
        places, keys = (
            {path[length:]: place for path, place in found.items() if path[:length] == prefix}
            for found in (self.places, self.keys)
        )
        return Document(self.file, self.lines, data, places, keys)

    def first_problems(self) -> list[Problem]:
        """Return the problems in order of position, limited to the first `MAX_PROBLEMS`.

        If some are omitted, an additional problem states their number.
        """
        problems = sorted(self.problems, key=lambda problem: (problem.line, problem.column))
        more = len(problems) - MAX_PROBLEMS
        if more <= 0:
            return problems
        last = problems[MAX_PROBLEMS - 1]
        message = f"this file has {more:,} more error{'' if more == 1 else 's'}"
        return [*problems[:MAX_PROBLEMS], self.at(last.line, last.column, message)]

    def problem(
        self, message: str, path: KeyPath = (), *, at_key: bool = False, hint: str = ""
    ) -> Problem:
        """Return a problem at a value, or at the innermost enclosing value in the file.

        If `at_key` is true, the problem is at the key of the value.
        """
        sources = (self.keys, self.places) if at_key else (self.places, self.keys)
        for length in range(len(path), -1, -1):
            for places in sources:
                if path[:length] in places:
                    return self.at(*places[path[:length]], message, hint)
        return self.at(1, 1, message, hint)

    def at(self, line: int, column: int, message: str, hint: str = "") -> Problem:
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Problem(self.file, line, column, message, hint, source)


def read_document(file: Path) -> Document:
    """Read a YAML file. Errors become problems of the document."""
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
    """Parse the content of a YAML file. Errors become problems of the document."""
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
        # `_is_harmless` has already reported this alias, which has no anchor.
        if not (document.problems and "undefined alias" in str(error.problem)):
            document.problems.append(_not_yaml(document, error))
        return document
    if len(nodes) > 1:
        document.problems.append(
            document.at(
                *_place(nodes[1]), "a second document begins here", "move it to its own file"
            )
        )
        return document
    if not nodes or nodes[0] is None:
        _refuse(document, "the file is empty", "`headway schema` lists the allowed keys")
        return document
    _Builder(document).build_root(nodes[0])
    return document


def _text(document: Document, content: bytes) -> str | None:
    """Decode the content and set the document's lines.

    Report a problem and return None if a byte or character is not allowed.
    """
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
    refused = _FORBIDDEN.search(text)
    if refused is None:
        return text
    before = _LINE_END.split(text[: refused.start()])
    document.problems.append(
        document.at(
            len(before),
            len(before[-1]) + 1,
            f"the character U+{ord(refused[0]):04X} is not allowed in YAML",
            'remove it, or write it as an escape in double quotes, such as "\\x1b"',
        )
    )
    return None


def _is_harmless(document: Document, text: str) -> bool:
    """Check the size and nesting depth, and report aliases. Return whether to build the tree.

    A tree with thousands of levels would overflow the stack. Aliases must be found here because the
    tree contains only the location of the value that an alias repeats.
    """
    depth = aliases = nodes = 0
    try:
        for event in yaml.parse(text, Loader=yamlcore.CCoreLoader):
            nodes += isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
            if nodes > MAX_NODES:
                message = f"the file has more than {MAX_NODES:,} keys and values"
                document.problems.append(document.at(*_place(event), message, "split the file"))
                return False
            if isinstance(event, yaml.AliasEvent):
                aliases += 1
                if aliases <= _MAX_ALIASES:
                    document.problems.append(
                        document.at(
                            *_place(event), "YAML aliases are not allowed", "write out the value"
                        )
                    )
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    document.problems.append(
                        document.at(
                            *_place(event),
                            f"this value is nested more than {MAX_DEPTH} levels deep",
                            "use fewer levels",
                        )
                    )
                    return False
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:
        document.problems.append(_not_yaml(document, error))
        return False
    if aliases > _MAX_ALIASES:
        message = f"there are {aliases - _MAX_ALIASES:,} more aliases in this file"
        last_line = len(document.lines)
        document.problems.append(document.at(last_line, 1, message, "write out the values"))
        # Return early. Otherwise, the schema would report the value of every alias as missing.
        return False
    return True


def _not_yaml(document: Document, error: yaml.MarkedYAMLError) -> Problem:
    found = explain_syntax(error, document.lines)
    return document.at(found.line, found.column, found.message, found.hint)


def _refuse(document: Document, message: str, hint: str) -> None:
    document.problems.append(document.at(1, 1, message, hint))


class _Builder:
    """Builds plain data from nodes, and reports YAML features that are easily misread."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def build_root(self, node: yaml.Node) -> None:
        if not isinstance(node, yaml.MappingNode):
            hint = "write a space after each colon, as in `title: Remove six`"
            self._complain(node, "the file must contain a mapping of keys to values", hint)
            return
        data = self._build(node, ())
        self.document.data = data if isinstance(data, dict) else None

    def _build(self, node: yaml.Node, path: KeyPath) -> Any:
        self.document.places[path] = _place(node)
        if id(node) in self.seen:
            # Skip the alias, which has already been reported. Its value may be huge.
            self.document.refused.add(path)
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            self._check_comment(node, path)
            return self._scalar(node)
        self._check_tag(node, _COLLECTION_TAGS)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(
                    key_node, "a key must be text, not a list or mapping", "write `key: value`"
                )
                continue
            if key_node.value == "<<":
                self._complain(key_node, "the merge key `<<` is not allowed", "write out the keys")
                continue
            key = key_node.value
            if key in built:
                first = self.document.keys[(*path, key)][0]
                self._complain(
                    key_node, f"duplicate key `{key}`", f"the key is already on line {first}"
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

    def _check_comment(self, node: yaml.ScalarNode, path: KeyPath) -> None:
        """Report a `#` that begins a comment where it was probably meant as part of the value."""
        comment = comment_after(self.document.lines, node, path[-1] if path else "")
        if comment is None:
            return
        what = "the value ends before" if node.value else "there is no value before"
        self._complain(
            node,
            f"{what} `{comment[:40]}`, because `#` after a space begins a comment",
            "put the whole text in single quotes, or move the comment to a line of its own",
        )
        if not node.value:
            self.document.refused.add(path)

    def _check_tag(self, node: yaml.Node, allowed: Iterable[str]) -> None:
        if node.tag not in allowed:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            hint = "remove it"
            if not tag.startswith("!!"):
                hint = f"put text that begins with `!` in quotes: '{tag}'"
            self._complain(node, f"the tag `{tag}` is not allowed", hint)

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
