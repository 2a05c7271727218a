"""Read JSON and record the position of every key and element."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .source_text import SourceText

MAX_DEPTH = 64
Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")|(?P<mark>[{}\[\],:])|(?P<other>[^\s{}\[\],:"]+))',
    re.DOTALL,
)
_TRAILING_COMMA = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|,(?=\s*[}\]])', re.DOTALL)


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """The parsed content of a JSON file, with the positions of its parts."""

    value: Any
    offsets: Mapping[Path, int]
    """Maps each path to the offset of its key, or of the value itself in an array."""

    def table(self, *path: str) -> Mapping[str, Any]:
        """Return the object at a path, or an empty object if the path does not lead to one."""
        value = self.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def read_json(source: SourceText, *, trailing_commas: bool = False) -> JsonDocument:
    """Parse a JSON file and locate its parts.

    Raises:
        ValueError: The file is not JSON, has a number that is too long, or is nested more than
            `MAX_DEPTH` levels deep.
    """
    value = load_json(source, trailing_commas=trailing_commas)
    return JsonDocument(value, _offsets(source))


def load_json(source: SourceText, *, trailing_commas: bool = False) -> Any:
    """Parse a JSON file. A `ValueError` for invalid JSON names the line."""
    text = source.text
    if trailing_commas:
        text = _TRAILING_COMMA.sub(lambda found: found[1] or " ", text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the file is not valid JSON: {error.msg}, line {error.lineno}") from None
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except ValueError:  # Python limits the number of digits when it converts text to an integer.
        raise ValueError("the JSON contains a number that is too long") from None


def _offsets(source: SourceText) -> dict[Path, int]:
    """Return the offset of each key and element in valid JSON."""
    text, end = source.text, len(source.text.rstrip())
    offsets: dict[Path, int] = {}
    # The key or index at each level, or "" before the first key and -1 before the first element.
    stack: list[str | int] = []
    key, position, awaits_key = "", 0, False
    in_object: list[bool] = []
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(f"the file is not valid JSON, line {source.line(position)}")
        start = token.start(token.lastgroup or 0)
        position = token.end()
        mark = token["mark"]
        if mark == ":":
            awaits_key = False
        elif mark == ",":
            awaits_key = bool(in_object) and in_object[-1]
        elif mark in ("}", "]"):
            if stack:
                stack.pop()
                in_object.pop()
            awaits_key = False
        else:
            if awaits_key and token["string"]:
                key = json.loads(token["string"], strict=False)
                stack[-1] = key
                offsets[tuple(stack)] = start
                continue
            if in_object and not in_object[-1]:
                index = stack[-1]
                stack[-1] = index + 1 if isinstance(index, int) else 0
                offsets[tuple(stack)] = start
            if mark is not None:
                if len(stack) >= MAX_DEPTH:
                    line = source.line(start)
                    raise ValueError(f"the JSON is nested too deeply at line {line}")
                stack.append("" if mark == "{" else -1)
                in_object.append(mark == "{")
                awaits_key = mark == "{"
    return offsets
