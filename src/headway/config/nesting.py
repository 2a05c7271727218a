"""Checks how deeply YAML is nested before it is parsed."""

from __future__ import annotations

import yaml
import yamlcore

MAX_DEPTH = 50
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def is_nested_too_deeply(text: str) -> bool:
    """Whether a value is more than `MAX_DEPTH` levels deep, as far as the text is valid YAML.

    Parsing such a file would crash this process, because the parser, written in C, calls itself
    for every level.
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
        # Parsing stops at the same place, and reports the error.
        return False
    return False
