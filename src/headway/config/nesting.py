"""How deeply YAML is nested, found out without following it down."""

from __future__ import annotations

import yaml
import yamlcore

MAX_DEPTH = 50
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def is_nested_too_deeply(text: str) -> bool:
    """Whether anything lies more than `MAX_DEPTH` levels down; False where that cannot be told.

    Composing such a file would end this process: the parser in C calls itself for every level.
    """
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yamlcore.CCoreLoader):
            if isinstance(event, _OPENS):
                depth += 1
                if depth > MAX_DEPTH:
                    return True
            elif isinstance(event, _CLOSES):
                depth -= 1
    except (yaml.YAMLError, ValueError):
        # what is wrong with it is said where it is composed, and that ends at the same place
        return False
    return False
