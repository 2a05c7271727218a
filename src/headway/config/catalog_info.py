"""Reads the owner from a repository's `catalog-info.yaml`, which is untrusted input."""

from __future__ import annotations

import re

import yaml
import yamlcore

from headway.config.nesting import is_nested_too_deeply

_MAX_CHARACTERS = 1 << 20
_PLACEHOLDER = re.compile(r"\$\{|\{\{|\{%|<%|<<|__\w+__|<[\w -]+>")
_COMPONENT = "component"


def owner_in(text: str) -> str | None:
    """Returns the `spec.owner` of the first component, or else of the first entity with one.

    A placeholder of a template, such as `${{ values.owner }}`, is no owner. Only this word is read.
    No objects are built from the file, and aliases are not followed.
    """
    if len(text) > _MAX_CHARACTERS or is_nested_too_deeply(text):
        return None
    first: str | None = None
    try:
        for document in yaml.compose_all(text, Loader=yamlcore.CCoreLoader):
            owner = _word(_value(_value(document, "spec"), "owner"))
            if owner is None or _PLACEHOLDER.search(owner):
                continue
            if (_word(_value(document, "kind")) or "").lower() == _COMPONENT:
                return owner
            first = first or owner
    except (yaml.YAMLError, ValueError):
        # Documents before a syntax error are still valid.
        return first
    return first


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a key in a mapping; None if there is no such key, or no mapping."""
    if not isinstance(node, yaml.MappingNode):
        return None
    for key_node, value_node in node.value:
        if isinstance(key_node, yaml.ScalarNode) and key_node.value == key:
            value: yaml.Node = value_node
            return value
    return None


def _word(node: yaml.Node | None) -> str | None:
    """The text of a scalar; None for anything else, or if it is empty."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    return str(node.value).strip() or None
