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
    """Return the owner of the first component, or of the first entity that has an owner.

    The owner is the entity's `spec.owner`. Template placeholders such as `${{ values.owner }}` are
    skipped. Because the file is untrusted, the function builds no objects from it and does not
    follow aliases.
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
        # Return what was found in the YAML documents before a syntax error.
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
    """Return the text of a scalar node; None if the text is empty or the node is not a scalar."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    return str(node.value).strip() or None
