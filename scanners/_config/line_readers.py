"""Read INI and `.properties` files, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .nodes import File, Node, UnreadableFileError, decoded, explain

_TEMPLATE_LINE = re.compile(r"\s*(?:\{%|\{\{|<%)")
_SECTION = re.compile(r"\s*\[(.*)\]\s*(?:[#;].*)?")
_SETTING = re.compile(r"(\s*)([^=:\s](?:[^=:]*[^=:\s])?)(?:\s*([=:])\s*(.*))?")
_COMMENT = re.compile(r"\s*(?:[#;]|rem\s)", re.IGNORECASE)
_INLINE_COMMENT = re.compile(r"\s[#;].*")
_PROPERTY = re.compile(r"(\s*)((?:\\.|[^=:\s\\])+)\s*[=:]?\s*(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_ini(content: bytes) -> File:
    """Read an INI file. Settings before the first section are at the root.

    Raises:
        UnreadableFileError: The file is not UTF-8 or is a template, a section is not closed, or a
            setting has no name.
    """
    root = section = Node(1, 1)
    setting: Node | None = None
    indent = 0
    text = decoded(content)
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or _COMMENT.match(line):
            continue
        if _TEMPLATE_LINE.match(line):
            raise UnreadableFileError(explain(text, "this is not a valid INI file"), number)
        depth = len(line) - len(line.lstrip())
        if setting is not None and depth > indent:
            # An indented line continues the value.
            setting.text = f"{setting.text or ''}\n{line.strip()}".strip("\n")
            setting.is_null = False
        elif line.lstrip().startswith("["):
            section = _section(root, line, number)
            setting, indent = None, depth
        else:
            found = _SETTING.fullmatch(line.rstrip())
            if found is None:
                problem = explain(text, "this is not a valid INI file: a setting has no name")
                raise UnreadableFileError(problem, number)
            setting, indent = _setting(found, number), depth
            section.members.append((found[2], setting))
    return File([root])


def _section(root: Node, line: str, number: int) -> Node:
    found = _SECTION.fullmatch(line)
    if found is None:
        raise UnreadableFileError("this is not a valid INI file: the section is not closed", number)
    name = found[1].strip()
    for section in root.named(name):
        return section
    section = Node(number, line.index("[") + 1)
    root.members.append((name, section))
    return section


def _setting(found: re.Match[str], number: int) -> Node:
    if found[3] is None:
        return Node(number, found.start(2) + 1, is_null=True)
    value = _INLINE_COMMENT.sub("", found[4]).strip()
    return Node(number, (found.start(4) if value else found.start(2)) + 1, value)


def read_properties(content: bytes) -> File:
    """Read a Java `.properties` file. The dots in its keys separate the levels of the tree.

    Raises:
        UnreadableFileError: The file is not UTF-8 or is a template, or a line has no key.
    """
    root = Node(1, 1)
    nodes: dict[tuple[str, ...], Node] = {(): root}
    text = decoded(content)
    for number, line in _logical_lines(text):
        if _TEMPLATE_LINE.match(line):
            raise UnreadableFileError(explain(text, "this is not a valid .properties file"), number)
        found = _PROPERTY.match(line)
        if found is None:
            raise UnreadableFileError("this line has no key", number)
        names = tuple(_unescaped(found[2]).split("."))
        for length in range(1, len(names) + 1):
            if names[:length] not in nodes:
                node = nodes[names[:length]] = Node(number, found.start(2) + 1)
                nodes[names[: length - 1]].members.append((names[length - 1], node))
        node = nodes[names]
        node.line, node.column = number, (found.start(3) if found[3] else found.start(2)) + 1
        node.text = _unescaped(found[3]).strip()
    return File([root])


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line, joining lines that end with `\\`.

    Blank lines and comments are omitted.
    """
    waiting, first = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not waiting and (not line.strip() or line.lstrip()[0] in "#!"):
            continue
        first = first or number
        backslashes = len(line) - len(line.rstrip("\\"))
        waiting += line.lstrip() if waiting else line
        if backslashes % 2:
            waiting = waiting[:-1]
            continue
        yield first, waiting
        waiting, first = "", 0
    if waiting.strip():
        yield first, waiting


def _unescaped(text: str) -> str:
    def replace(found: re.Match[str]) -> str:
        escape = found[1]
        return chr(int(escape[1:], 16)) if len(escape) == 5 else _ESCAPES.get(escape, escape)

    return _ESCAPE.sub(replace, text) if "\\" in text else text
