"""Program output in JSON Lines format, with one object for each match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._sarif.json_values import ReportError, mapping, parse, position, text

_KEYS = ("path", "line", "column", "text", "captures", "unknown")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the output."""

    path: str = ""
    line: int | None = None
    column: int | None = None
    text: str = ""
    captures: Mapping[str, str] = field(default_factory=dict)
    unknown: str = ""
    """The reason why it is unknown whether the file matches, or an empty string for a match."""


def read_lines(output: bytes) -> Iterator[Line]:
    """Yield the entries in the output of a program. Blank lines are ignored.

    Raises:
        ReportError: The output is invalid.
    """
    for number, line in enumerate(output.split(b"\n"), start=1):
        if line.strip():
            yield _line(line, f"line {number}")


def _line(line: bytes, place: str) -> Line:
    try:
        value = parse(line)
    except ReportError as error:
        reason = str(error).removeprefix("line 1 is ").removeprefix("the JSON is ")
        raise ReportError(f"{place} is {reason}: {line[:60]!r}") from error
    if not isinstance(value, dict):
        raise ReportError(f"{place} is not a JSON object: {line[:60]!r}")
    unknown_keys = sorted(set(value) - set(_KEYS))
    if unknown_keys:
        raise ReportError(f"{place} has the unknown key `{unknown_keys[0]:.60}`")
    return Line(
        text(value.get("path"), f"{place}: path"),
        position(value.get("line"), f"{place}: line"),
        position(value.get("column"), f"{place}: column"),
        text(value.get("text"), f"{place}: text"),
        _captures(value.get("captures"), place),
        text(value.get("unknown"), f"{place}: unknown"),
    )


def _captures(value: Any, place: str) -> dict[str, str]:
    captures = mapping(value, f"{place}: captures")
    return {name: text(captures[name], f"{place}: captures.{name:.60}") for name in captures}
