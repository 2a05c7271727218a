"""Check the nesting depth of a YAML file before it is parsed into a tree."""

from __future__ import annotations

import yaml
import yamlcore

MAX_DEPTH = 50
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def is_nested_too_deeply(text: str) -> bool:
    """Return whether a file is nested deeper than `MAX_DEPTH` before any syntax error.

    Building the tree of such a file would crash this process, because the composer, which is
    compiled C code, calls itself for every level.
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
        # The caller parses the file again and reports this error.
        return False
    return False
