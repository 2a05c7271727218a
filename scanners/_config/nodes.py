"""The contents of a configuration file as a tree, independent of the file's format."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MAX_VISITS = 1_000_000
"""The maximum number of values that a search visits. A small YAML file with aliases can be huge
when expanded.
"""


class UnreadableFileError(Exception):
    """The content of a file is invalid. The message names the line if it is known."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        place = f"line {line}, column {column}: " if column else f"line {line}: " if line else ""
        super().__init__(f"{place}{problem}")


@dataclass(slots=True, eq=False)
class Node:
    """A scalar, a mapping or a list. A .properties or XML node can have both text and members."""

    line: int
    column: int
    """The 1-based column, in characters."""
    text: str | None = None
    """The scalar without quotes, or None for null and for a node without a scalar."""
    is_null: bool = False
    members: list[tuple[str, Node]] = field(default_factory=list)
    """The keys and values of a mapping, in order. A key can occur more than once."""
    items: list[Node] = field(default_factory=list)
    repeats: bool = False
    """Whether this is a list of XML elements with the same name. A path needs no `[*]` for it."""

    def named(self, name: str) -> Iterator[Node]:
        """Yield the values of a key."""
        for key, value in self.members:
            if key == name:
                yield value

    @property
    def is_value(self) -> bool:
        """Return whether the node has a scalar, a mapping or a list, even an empty one."""
        return not self.is_null


@dataclass(frozen=True, slots=True)
class File:
    """A parsed configuration file."""

    documents: Sequence[Node]
    """The roots. Only a YAML file can have none or more than one."""


class Places:
    """Converts offsets in a string to lines and columns. Lines end only at newline characters."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        position = text.find("\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = text.find("\n", position + 1)

    def at(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def decoded(content: bytes) -> str:
    """Decode the content of a file.

    Raises:
        UnreadableFileError: The content is not UTF-8.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError("the file is not UTF-8 text", line) from None


TEMPLATES: Mapping[str, str] = {"{{": "}}", "{%": "%}", "<%": "%>"}
"""The opening and closing marks of template instructions, as in Helm, Jinja and ERB."""


def explain(text: str, problem: str) -> str:
    """Return the problem unchanged or, if the file is a template, a sentence that says so."""
    used = [pair for pair in TEMPLATES.items() if pair[0] in text and pair[1] in text]
    if not used:
        return problem
    begin, end = min(used, key=lambda pair: text.index(pair[0]))
    return f"the file is a template with `{begin} {end}`, which does not parse until it is rendered"
