"""Read YAML files with one or more documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
import yamlcore

from .nodes import File, Node, Places, UnreadableFileError, decoded, explain

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_MERGE = "<<"


def read_yaml(content: bytes) -> File:
    """Read a YAML file, and follow its aliases and merge keys.

    Raises:
        UnreadableFileError: The file is not UTF-8, it is not YAML, or a key is a list or mapping.
    """
    text = decoded(content)
    places = Places(text)
    builder = _Builder(text, places)
    try:
        # Read events instead of composed nodes, because the composer is recursive and could crash.
        for event in yaml.parse(text, Loader=yamlcore.CCoreLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = places.at(mark.index) if mark is not None else ()
        reason = explain(text, f"this is not valid YAML: {error.problem or error.context}")
        raise UnreadableFileError(reason, *place) from None
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UnreadableFileError(explain(text, f"this is not valid YAML: {reason:.100}")) from None
    return File(builder.documents)


@dataclass(slots=True)
class _Collection:
    """A mapping or list that is still open."""

    node: Node
    is_mapping: bool
    in_braces: bool
    key: str | None = None
    """The key of the next value."""


class _Builder:
    """Builds the trees of all documents from the parser's events."""

    def __init__(self, text: str, places: Places) -> None:
        self.documents: list[Node] = []
        self._text = text
        self._places = places
        self._open: list[_Collection] = []
        self._anchors: dict[str, Node] = {}

    def take(self, event: Any) -> None:
        """Add the content of an event to the tree."""
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and not event.style
            is_null = bool(plain and event.value in _NULLS)
            self._add(event, self._node(event, None if is_null else event.value, is_null))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            ended = self._open.pop()
            if ended.is_mapping:
                _merge(ended.node)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise UnreadableFileError(
                    f"this is not valid YAML: the alias `*{event.anchor}` has no anchor",
                    *self._place(event),
                )
            self._add(event, self._anchors[event.anchor])
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors = {}

    def _begin(self, event: Any) -> None:
        node = self._node(event, None, False)
        if self._open and self._open[-1].is_mapping and self._open[-1].key is None:
            problem = explain(self._text, "a key must not be a list or a mapping")
            raise UnreadableFileError(problem, node.line, node.column)
        self._add(event, node)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Collection(node, is_mapping, bool(event.flow_style)))

    def _node(self, event: Any, text: str | None, is_null: bool) -> Node:
        line, column = self._place(event)
        return Node(line, column, text, is_null)

    def _place(self, event: Any) -> tuple[int, int]:
        return self._places.at(event.start_mark.index)

    def _add(self, event: Any, node: Node) -> None:
        if event.anchor is not None and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = node
        if not self._open:
            self.documents.append(node)
            return
        parent = self._open[-1]
        if not parent.is_mapping:
            parent.node.items.append(node)
        elif parent.key is None:
            parent.key = node.text or ""
            if not parent.node.members and not parent.in_braces:
                # A mapping begins at its first key, not at its anchor.
                parent.node.line, parent.node.column = node.line, node.column
        else:
            parent.node.members.append((parent.key, node))
            parent.key = None


def _merge(node: Node) -> None:
    """Add the members of merged mappings, except those whose keys already exist."""
    merged = [value for key, value in node.members if key == _MERGE]
    if not merged:
        return
    have = {key for key, _ in node.members}
    for source in [item for value in merged for item in (value.items or [value])]:
        added = [(key, value) for key, value in source.members if key not in have]
        have.update(key for key, _ in added)
        node.members += added
