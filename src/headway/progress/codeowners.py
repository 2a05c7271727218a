r"""CODEOWNERS files as GitHub and GitLab read them: which lines decide who owns a path.

    * @acme/platform                 # the last line that matches decides
    /services/pay/ @acme/payments ada@example.com

GitLab adds sections, each of which decides for itself, and owners that a section's lines inherit:

    ^[Database][2] @acme/dba
    /migrations/
    !/migrations/fixtures/

Lines that the forge would not understand are passed over, as the forge does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import re2

Dialect = Literal["github", "gitlab"]

MAX_BYTES = 3_000_000
"""GitHub reads no larger file."""

_SECTION = re.compile(
    r"(?P<optional>\^?)\[(?P<name>[^\]]+)\](?:\[(?P<approvals>\d+)\])?(?P<rest>.*)"
)
_TOKEN = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@{1,2}[\w.][\w./-]*\Z|[^@\s]+@[^@\s]+\Z")
_MEMORY = 1 << 18


@dataclass(frozen=True, slots=True)
class Line:
    """One line that decides. number: 1-based. owners: as they are written, `@` included; none
    means that nobody owns what it matches. optional: its section's approval is not needed.
    """

    number: int
    pattern: str
    owners: tuple[str, ...]
    section: str = ""
    optional: bool = False


@dataclass(slots=True)
class _Section:
    """A line's matcher is None where it takes paths out of its section."""

    name: str
    optional: bool
    lines: list[tuple[Any, Line, bool]] = field(default_factory=list)

    def decides(self, path: str) -> Line | None:
        """The last line that matches; None where there is none or the path is taken out."""
        deciding: Line | None = None
        for matcher, line, excludes in reversed(self.lines):
            if excludes:
                if matcher.search(path) is not None:
                    return None
            elif deciding is None and matcher.search(path) is not None:
                deciding = line
        return deciding


class CodeOwners:
    """One file, ready to be asked."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        parse = _parse_gitlab if dialect == "gitlab" else _parse_github
        self._sections = parse(text)

    def deciding(self, path: str) -> tuple[Line, ...]:
        """The line of each section that decides about a path, those that must approve first."""
        lines = [line for section in self._sections if (line := section.decides(path)) is not None]
        return tuple(sorted(lines, key=lambda line: line.optional))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line that can decide, in the file's order."""
        found = [
            line
            for section in self._sections
            for _, line, excludes in section.lines
            if not excludes
        ]
        return tuple(sorted(found, key=lambda line: line.number))


def has_sections(text: str) -> bool:
    """Whether any line begins a section: only GitLab has them."""
    return any(_SECTION.fullmatch(line.strip()) for line in text.splitlines())


def _parse_github(text: str) -> list[_Section]:
    section = _Section("", optional=False)
    for number, tokens in _tokens(text):
        # GitHub has neither negation, nor ranges, nor an escaped number sign
        pattern = tokens[0]
        if pattern.startswith(("!", "\\#")) or re.search(r"(?<!\\)\[", pattern):
            continue
        owners = tuple(tokens[1:])
        if all(_OWNER.match(owner) for owner in owners):
            _add(section, _github_regex(pattern), Line(number, _plain(pattern), owners))
    return [section]


def _parse_gitlab(text: str) -> list[_Section]:
    unnamed = _Section("", optional=False)
    sections = {"": unnamed}
    section = unnamed
    inherited: tuple[str, ...] = ()
    for number, tokens in _tokens(text):
        header = _SECTION.fullmatch(" ".join(tokens))
        if header is not None:
            # a section goes on wherever its name comes again, in whatever case
            name, optional = header["name"].strip(), bool(header["optional"])
            section = sections.setdefault(name.lower(), _Section(name, optional))
            section.optional = section.optional and optional
            inherited = tuple(word for word in header["rest"].split() if _OWNER.match(word))
            continue
        pattern = tokens[0]
        excludes = pattern.startswith("!")
        owners = tuple(word for word in tokens[1:] if _OWNER.match(word)) or inherited
        shown = _plain(pattern)
        line = Line(number, shown, owners, section.name, section.optional)
        _add(section, _gitlab_regex(pattern.removeprefix("!")), line, excludes=excludes)
    return list(sections.values())


def _tokens(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, words) of every line that says something; a backslash keeps the next
    character, and a word that begins with # ends the line.
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
        # such as a range that ends before it begins; the forge passes it over too
        return


def _plain(pattern: str) -> str:
    return re.sub(r"\\(.)", r"\1", pattern)


def _github_regex(pattern: str) -> str | None:
    """As in .gitignore, except that `folder/*` means the files of that folder alone."""
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
    """As Ruby's `File.fnmatch` reads it; a relative pattern may begin in any folder."""
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
