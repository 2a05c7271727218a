"""Read the string attributes of files in HCL, the language of Terraform."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .text_position import Lines

_DEEPEST = 200
_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]* | //[^\n]* | /\*.*?(?:\*/|\Z) )
    | <<-?(?P<heredoc>[\w-]+)[^\n]*\n
    | (?P<string> " )
    | (?P<name> [A-Za-z_][\w-]* )
    | (?P<mark> \n | [{}\[\](),] | =(?![=>]) )
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_STRING = re.compile(r'\\.|"|\$\$\{|%%\{|[$%]\{|\}|\n', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Attribute(NamedTuple):
    """One assignment `name = "value"` in a file."""

    blocks: tuple[tuple[str, ...], ...]
    """The type and labels of each block or object around the attribute, outermost first."""
    block: int
    """A number that is the same for all attributes of a block."""
    block_line: int
    """The 1-based line at which the block begins, or 0 outside all blocks."""
    name: str
    value: str
    line: int
    """The 1-based line of the attribute's name."""
    column: int
    """The 1-based column of the attribute's name, in characters."""


@dataclass(slots=True)
class _Block:
    """A block, object, list or call that is still open."""

    header: tuple[str, ...]
    number: int
    line: int
    closing: str
    words: list[tuple[str, int, bool]] = field(default_factory=list)
    """The words of the current statement, as (word, offset, whether it is a string)."""
    equals: bool = False
    """Whether the current statement has an equals sign."""


def read_attributes(text: str) -> Iterator[Attribute]:
    """Yield the attributes whose values are strings, in order of position.

    Raises:
        ValueError: The brackets, quotes or heredocs do not match, or blocks are nested too deeply.
    """
    lines = Lines(text)
    stack = [_Block((), 0, 0, "")]
    numbers = 0
    for kind, value, offset in _tokens(text, lines):
        current = stack[-1]
        if kind in ("name", "string"):
            current.words.append((value, offset, kind == "string"))
        elif value == "=":
            current.equals = True
        elif value in "{[(":
            if len(stack) > _DEEPEST:
                raise ValueError(
                    f"the brackets are nested too deeply at line {lines.place(offset)[0]}"
                )
            numbers += 1
            header = tuple(word for word, _, _ in current.words) if value == "{" else ("",)
            line = lines.place(current.words[0][1] if current.words else offset)[0]
            stack.append(_Block(header or ("",), numbers, line, "}])"["{[(".index(value)]))
            current.words.append(("", offset, False))
        elif value in "}])" or value in "\n,":
            yield from _ended(stack, lines)
            if value in "}])":
                if value != current.closing:
                    line = lines.place(offset)[0]
                    raise ValueError(f"the file has an extra `{value}`, line {line}")
                stack.pop()
    yield from _ended(stack, lines)
    if len(stack) > 1:
        raise ValueError(f"the file ends before the block that begins on line {stack[-1].line}")


def _ended(stack: list[_Block], lines: Lines) -> Iterator[Attribute]:
    """End the current statement, and yield its attribute if it assigns a string."""
    current = stack[-1]
    words = current.words
    if current.equals and len(words) == 2 and words[1][2] and current.closing != ")":
        line, column = lines.place(words[0][1])
        blocks = tuple(block.header for block in stack[1:])
        yield Attribute(
            blocks, current.number, current.line, words[0][0], words[1][0], line, column
        )
    words.clear()
    current.equals = False


def _tokens(text: str, lines: Lines) -> Iterator[tuple[str, str, int]]:
    position = 0
    while (found := _TOKEN.search(text, position)) is not None:
        position = found.end()
        kind = found.lastgroup or ""
        if kind == "heredoc":
            end = re.compile(rf"^[ \t]*{re.escape(found[kind])}[ \t]*$", re.MULTILINE)
            closing = end.search(text, position)
            if closing is None:
                line = lines.place(found.start())[0]
                raise ValueError(f"the heredoc has no end, line {line}")
            position = closing.end()
            yield "name", "", found.start()
        elif kind == "string":
            position = _end_of_string(text, position, lines)
            yield kind, _ESCAPE.sub(r"\1", text[found.end() : position - 1]), found.start()
        elif kind != "comment":
            yield kind, found[0], found.start()


def _end_of_string(text: str, start: int, lines: Lines) -> int:
    """Return the offset after the closing quote. `${...}` in a string can contain strings."""
    closings = ['"']
    for found in _IN_STRING.finditer(text, start):
        mark = found[0]
        if mark in ("${", "%{"):
            closings.append("}")
        elif mark == '"' and closings[-1] == "}":
            closings.append('"')
        elif mark == closings[-1]:
            closings.pop()
            if not closings:
                return found.end()
        elif mark == "\n" and len(closings) == 1:
            break
        if len(closings) > _DEEPEST:
            break
    raise ValueError(f"the string has no end, line {lines.place(start)[0]}")
