"""Read the images in a Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..records import Requirement
from . import images

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)")
_EXPRESSION = re.compile(r"\{\{.*?\}\}")
_HEREDOC = re.compile(r"<<(-?)([\"']?)([A-Za-z_]\w*)\2")
_VARIABLE = re.compile(
    r"\$(?:\{(?P<name>\w+)(?:(?P<operator>:?[-+])(?P<word>[^{}$]*))?\}|(?P<plain>\w+))", re.ASCII
)
_MOUNT = re.compile(r"--mount=\S*?\bfrom=([^\s,]+)")
_LONGEST_VALUE = 1_000


class _Instruction(NamedTuple):
    """One instruction with its continuation lines joined."""

    name: str
    """The name in upper case."""
    arguments: str
    line: int
    """The 1-based number of the first line of the instruction."""
    text: str
    """The first line as written."""


def read_dockerfile(text: str) -> Iterator[Requirement]:
    """Yield the base images, the source images of copied files, and the image of `# syntax`."""
    text = text.removeprefix("\ufeff")
    directives = dict(_directives(text))
    if "syntax" in directives:
        value, line, column = directives["syntax"]
        yield from _requirement(value, line, column, "syntax")
    escape = directives["escape"][0] if "escape" in directives else "\\"
    arguments: dict[str, str] = {}
    stages: set[str] = set()
    for instruction in _instructions(text, escape):
        if instruction.name == "ARG" and not stages:
            for name, value in _assignments(instruction.arguments):
                arguments[name] = substitute(value, arguments.get)
        elif instruction.name == "FROM":
            yield from _from(instruction, arguments, stages)
        elif instruction.name in ("COPY", "ADD"):
            for option in re.findall(r"--from=(\S+)", instruction.arguments):
                yield from _other(instruction, option, arguments, stages)
        elif instruction.name == "RUN":
            for option in _MOUNT.findall(instruction.arguments):
                yield from _other(instruction, option, arguments, stages)


def _directives(text: str) -> Iterator[tuple[str, tuple[str, int, int]]]:
    """Yield the parser directives: the comments before everything else in the file."""
    for number, line in enumerate(text.split("\n", 20)[:20], start=1):
        found = _DIRECTIVE.match(line)
        if found is None:
            return
        yield found[1].lower(), (found[2], number, found.start(2) + 1)


def _instructions(text: str, escape: str) -> Iterator[_Instruction]:
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        first, line = lines[index].rstrip("\r"), index + 1
        index += 1
        if not first.strip() or first.lstrip().startswith("#"):
            continue
        parts = [first]
        while parts[-1].rstrip().endswith(escape) and index < len(lines):
            parts[-1] = parts[-1].rstrip()[: -len(escape)]
            following = lines[index].rstrip("\r")
            index += 1
            while _is_skipped(following) and index < len(lines):
                following = lines[index].rstrip("\r")
                index += 1
            parts.append("" if _is_skipped(following) else following)
        name, arguments = (*"".join(parts).strip().split(maxsplit=1), "", "")[:2]
        name = name.upper()
        if name in ("RUN", "COPY", "ADD"):
            index = _after_heredocs(lines, index, arguments)
        yield _Instruction(name, arguments, line, first)


def _is_skipped(line: str) -> bool:
    """Return whether a continuation line is empty or a comment."""
    return not line.strip() or line.lstrip().startswith("#")


def _after_heredocs(lines: list[str], index: int, arguments: str) -> int:
    """Return the index of the line after the here-documents of an instruction."""
    for dash, _, word in _HEREDOC.findall(arguments):
        end = index
        while end < len(lines):
            line = lines[end].rstrip("\r")
            end += 1
            if (line.lstrip("\t") if dash else line) == word:
                index = end
                break
    return index


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and defaults in the arguments of `ARG`."""
    for found in re.finditer(r"""(\w+)=("[^"]*"|'[^']*'|\S*)""", text):
        yield found[1], found[2].strip("\"'")


def substitute(text: str, value_of: Callable[[str], str | None]) -> str:
    """Replace `$name`, `${name}`, `${name:-word}` and `${name:+word}`, but not unknown names."""

    def replaced(found: re.Match[str]) -> str:
        value = value_of(found["name"] or found["plain"])
        operator, word = found["operator"] or "", found["word"] or ""
        if operator.endswith("+"):
            return word if value else ""
        if value is None or (operator == ":-" and not value):
            return word if operator else found[0]
        return value

    for _ in range(5):
        new = _VARIABLE.sub(replaced, text)
        if new == text or len(new) > _LONGEST_VALUE:
            break
        text = new
    return text


def _from(
    instruction: _Instruction, arguments: dict[str, str], stages: set[str]
) -> Iterator[Requirement]:
    spaceless = _EXPRESSION.sub(lambda found: found[0].replace(" ", ""), instruction.arguments)
    words = [word for word in spaceless.split() if not word.startswith("--")]
    if words:
        image = re.sub(r"[\"']", "", substitute(words[0], arguments.get))
        written = re.split(r"[${]", words[0].strip("\"'"))[0]
        if image.lower() not in stages and image != "scratch":
            column = max(instruction.text.find(written, len("FROM")), 0) + 1
            yield from _requirement(image, instruction.line, column, "from")
    stages.add(words[2].lower() if len(words) > 2 and words[1].upper() == "AS" else "")


def _other(
    instruction: _Instruction, image: str, arguments: dict[str, str], stages: set[str]
) -> Iterator[Requirement]:
    """Yield the image that an instruction copies files from, unless it is a build stage."""
    image = image.strip("\"'")
    if image.lower() not in stages and not image.isdigit():
        column = max(instruction.text.find(f"from={image}") + len("from="), 0) + 1
        yield from _requirement(substitute(image, arguments.get), instruction.line, column, "copy")


def _requirement(image: str, line: int, column: int, group: str) -> Iterator[Requirement]:
    name, tag = images.split(image)
    if name:
        yield Requirement(name, tag, line, column, group)
