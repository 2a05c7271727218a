r"""CODEOWNERS files by the rules of GitHub and GitLab: which lines decide who owns a path.

    * @acme/platform                 # the last matching line decides
    /services/pay/ @acme/payments ada@example.com

GitLab has sections in addition. Each section decides on its own, and its lines inherit the owners
in its header:

    ^[Database][2] @acme/dba
    /migrations/
    !/migrations/fixtures/

Lines that the forge does not understand are ignored, as the forge ignores them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import re2

Dialect = Literal["github", "gitlab"]

MAX_BYTES = 3_000_000
"""GitHub ignores larger files."""

_SECTION = re.compile(
    r"(?P<optional>\^?)\[(?P<name>[^\]]+)\](?:\[(?P<approvals>\d+)\])?(?P<rest>.*)"
)
_TOKEN = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@{1,2}[\w.][\w./-]*\Z|[^@\s]+@[^@\s]+\Z")
_MEMORY = 1 << 18
"""Memory for one compiled pattern, in bytes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that assigns owners."""

    number: int
    """1-based."""
    pattern: str
    owners: tuple[str, ...]
    """As written, including `@`; empty means that nobody owns what the line matches."""
    section: str = ""
    """Name of its section; empty outside sections."""
    optional: bool = False
    """Whether the approval of its section is optional."""


@dataclass(slots=True)
class _Section:
    """One section of a file; a file without sections is one section without a name."""

    name: str
    optional: bool
    lines: list[tuple[Any, Line, bool]] = field(default_factory=list)
    """(compiled pattern, line, whether it excludes paths from the section)."""

    def deciding_line(self, path: str) -> Line | None:
        """The last line that matches; None if no line does or the path is excluded."""
        deciding: Line | None = None
        for matcher, line, excludes in reversed(self.lines):
            if excludes:
                if matcher.search(path) is not None:
                    return None
            elif deciding is None and matcher.search(path) is not None:
                deciding = line
        return deciding


class CodeOwners:
    """A parsed CODEOWNERS file."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        parse = _parse_gitlab if dialect == "gitlab" else _parse_github
        self._sections = parse(text)

    def deciding(self, path: str) -> tuple[Line, ...]:
        """The deciding line of each section, sections with required approval first."""
        lines = [
            line for section in self._sections if (line := section.deciding_line(path)) is not None
        ]
        return tuple(sorted(lines, key=lambda line: line.optional))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line that assigns owners, in the order of the file."""
        found = [
            line
            for section in self._sections
            for _, line, excludes in section.lines
            if not excludes
        ]
        return tuple(sorted(found, key=lambda line: line.number))


def has_sections(text: str) -> bool:
    """Whether any line is the header of a section, which only GitLab has."""
    return any(_SECTION.fullmatch(line.strip()) for line in text.splitlines())


def _parse_github(text: str) -> list[_Section]:
    section = _Section("", optional=False)
    for number, tokens in _tokens(text):
        # GitHub supports neither negation, nor ranges, nor an escaped number sign
        pattern = tokens[0]
        if pattern.startswith(("!", "\\#")) or re.search(r"(?<!\\)\[", pattern):
            continue
        owners = tuple(tokens[1:])
        if all(_OWNER.match(owner) for owner in owners):
            _add(section, _github_regex(pattern), Line(number, _unescaped(pattern), owners))
    return [section]


def _parse_gitlab(text: str) -> list[_Section]:
    unnamed = _Section("", optional=False)
    sections = {"": unnamed}
    section = unnamed
    inherited: tuple[str, ...] = ()
    for number, tokens in _tokens(text):
        header = _SECTION.fullmatch(" ".join(tokens))
        if header is not None:
            # a header that repeats a name, in any case, continues that section
            name, optional = header["name"].strip(), bool(header["optional"])
            section = sections.setdefault(name.lower(), _Section(name, optional))
            section.optional = section.optional and optional
            inherited = tuple(word for word in header["rest"].split() if _OWNER.match(word))
            continue
        pattern = tokens[0]
        excludes = pattern.startswith("!")
        owners = tuple(word for word in tokens[1:] if _OWNER.match(word)) or inherited
        shown = _unescaped(pattern)
        line = Line(number, shown, owners, section.name, section.optional)
        _add(section, _gitlab_regex(pattern.removeprefix("!")), line, excludes=excludes)
    return list(sections.values())


def _tokens(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, words) of every line that is neither empty nor a comment.

    A backslash escapes the next character, and a word that begins with # ends the line.
    """
    for number, line in enumerate(text.splitlines(), 1):
        words = []
        for word in _TOKEN.findall(line):
            if word.startswith("#"):
                break
            words.append(word)
        if words:
            yield number, words


def _add(section: _Section, expression: str | None, line: Line, *, excludes: bool = False) -> None:
    if expression is None:
        return
    settings = re2.Options()
    settings.max_mem = _MEMORY
    settings.log_errors = False
    try:
        section.lines.append((re2.compile(expression, settings), line, excludes))
    except re2.error:
        # such as a range whose end comes before its start; the forge ignores it too
        return


def _unescaped(pattern: str) -> str:
    return re.sub(r"\\(.)", r"\1", pattern)


def _github_regex(pattern: str) -> str | None:
    """As in .gitignore, except that `folder/*` matches files directly in the folder only."""
    body = pattern.strip("/")
    if not body:
        return None
    anchored = "/" in pattern.rstrip("/")
    if pattern.endswith("/"):
        end = "/"
    elif pattern.endswith("/*"):
        end = r"\z"
    else:
        end = r"(?:/|\z)"
    return (r"\A" if anchored else r"(?:\A|/)") + _segments(body.split("/"), ranges=False) + end


def _gitlab_regex(pattern: str) -> str | None:
    """As in Ruby's `File.fnmatch`; a relative pattern matches in any folder."""
    anchored = pattern.startswith("/")
    folder = pattern.endswith("/")
    body = pattern.strip("/")
    if not body:
        return r"\A" if anchored else None
    parts = body.split("/") + (["**", "*"] if folder else [])
    return (r"\A" if anchored else r"(?:\A|/)") + _segments(parts, ranges=True) + r"\z"


def _segments(parts: Sequence[str], *, ranges: bool) -> str:
    expression = ""
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        if part == "**":
            expression += ".*" if last else "(?:.*/)?"
        else:
            expression += _segment(part, ranges=ranges) + ("" if last else "/")
    return "(?s:" + expression + ")"


def _segment(part: str, *, ranges: bool) -> str:
    expression = ""
    position = 0
    while position < len(part):
        char = part[position]
        position += 1
        if char == "\\" and position < len(part):
            expression += re2.escape(part[position])
            position += 1
        elif char == "*":
            if not expression.endswith("[^/]*"):
                expression += "[^/]*"
        elif char == "?":
            expression += "[^/]"
        elif char == "[" and ranges and (end := part.find("]", position + 1)) > 0:
            expression += _range(part[position:end])
            position = end + 1
        else:
            expression += re2.escape(char)
    return expression or "[^/]+"


def _range(inner: str) -> str:
    negated = inner.startswith(("^", "!"))
    body = inner[1:] if negated else inner
    escaped = "".join(char if char == "-" else re2.escape(char) for char in body)
    return f"[{'^/' if negated else ''}{escaped}]"
