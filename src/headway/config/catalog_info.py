"""The owner that a `catalog-info.yaml` names; anybody may have written it."""

from __future__ import annotations

import yaml
import yamlcore

from headway.config.nesting import is_nested_too_deeply

_MAX_CHARACTERS = 1 << 20
_COMPONENT = "component"


def owner_in(text: str) -> str | None:
    """`spec.owner` of the first component, else of the first entity that has one; else None.

    Nothing is built from the file but this word, and no alias in it is followed.
    """
    if len(text) > _MAX_CHARACTERS or is_nested_too_deeply(text):
        return None
    first: str | None = None
    try:
        for document in yaml.compose_all(text, Loader=yamlcore.CCoreLoader):
            owner = _word(_value(_value(document, "spec"), "owner"))
            if owner is None:
                continue
            if (_word(_value(document, "kind")) or "").lower() == _COMPONENT:
                return owner
            first = first or owner
    except (yaml.YAMLError, ValueError):
        # what is broken further down does not make unsaid what stands above it
        return first
    return first


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    for key_node, value_node in node.value:
        if isinstance(key_node, yaml.ScalarNode) and key_node.value == key:
            found: yaml.Node = value_node
            return found
    return None


def _word(node: yaml.Node | None) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        return None
    word = str(node.value).strip()
    return word or None
