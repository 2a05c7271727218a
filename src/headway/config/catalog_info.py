"""Read the owner from a repository's `catalog-info.yaml`, which is untrusted input."""

from __future__ import annotations

import re

import yaml
import yamlcore

from headway.config.nesting import is_nested_too_deeply

_MAX_CHARACTERS = 1 << 20
_PLACEHOLDER = re.compile(r"\$\{|\{\{|\{%|<%|<<|__\w+__|<[\w -]+>")
_COMPONENT = "component"


def owner_in(text: str) -> str | None:
    """Return the owner of the first component with an owner, or else of the first entity with one.

    The owner is the entity's `spec.owner`. Template placeholders such as `${{ values.owner }}` are
    skipped. The result is None if no entity has an owner, or if the file is too large or nested too
    deeply. The file is untrusted, so the function neither builds objects from it nor follows
    aliases.
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
        # Return the result from the YAML documents before the syntax error.
        return first
    return first


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    for key_node, value_node in node.value:
        if isinstance(key_node, yaml.ScalarNode) and key_node.value == key:
            value: yaml.Node = value_node
            return value
    return None


def _word(node: yaml.Node | None) -> str | None:
    """Return the value of a scalar node, or None for an empty value or another kind of node."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    return str(node.value).strip() or None
