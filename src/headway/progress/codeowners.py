r"""Parse CODEOWNERS files and find the lines that determine the owners of a path.

    * @acme/platform                 # the last matching line decides
    /services/pay/ @acme/payments ada@example.com

GitLab also supports sections, each of which has its own deciding line. A line without owners
inherits the owners in its section's header:

    ^[Database][2] @acme/dba
    /migrations/
    !/migrations/fixtures/

Lines that are invalid on the forge are ignored. GitHub documents the syntax in "About code owners",
and GitLab in "Syntax of CODEOWNERS file" and "Advanced CODEOWNERS configuration".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import re2

from headway.git.path_encoding import bytes_of, with_stand_ins

Dialect = Literal["github", "gitlab"]

MAX_BYTES = 3_000_000
"""The maximum size of a CODEOWNERS file, in bytes. Larger files are ignored.

This is GitHub's limit. GitLab documents no limit, so Headway uses GitHub's limit for both.
"""

_BLANK = " \t\r\f\v"
_SECTION = re.compile(
    r"(?P<optional>\^?)\[(?P<name>[^\]]*)\](?:\[\d*\])?(?P<owners>[ \t]+[@\w./ \t-]*)?", re.ASCII
)
_WORD = re.compile(rf"(?:\\.|[^{_BLANK}\\]|\\\Z)+")
_WHOLE = re.compile(r"(?:\\.|[^\\])*")
"""Matches patterns without an unfinished escape sequence at the end. Git ignores others."""
_SPACE = re.compile(rf"(?<!\\)[{_BLANK}]+")
_EMAIL = r"[^@\s]+@[^@\s]*\w"
_GITHUB_OWNER = re.compile(rf"@\w[\w-]*(?:/[\w.-]+)?|{_EMAIL}")
_NAME = r"(?:[\w.][\w.-]*[\w-]|\w)"
_ROLE = re.compile(r"@@(?P<role>developer|maintainer|owner)s?", re.ASCII | re.IGNORECASE)
_GITLAB_OWNER = re.compile(
    rf"(?<![\w@]){_ROLE.pattern.replace('?P<role>', '?:')}\b"
    rf"|(?<![\w@])@(?:{_NAME}/)*{_NAME}|[^@\s()<>,;:]+@[^@\s]+\b",
    re.ASCII | re.IGNORECASE,
)
_ONLY_GITLAB = re.compile(r"[ \t](?:@@\w|@[\w.-]+/[\w.-]+/\w)")
"""Matches an owner that only GitLab supports: a role or a subgroup."""
_EVERYTHING = re.compile(r"(?:/\*\*)*/\*+")
_MEMORY = 1 << 18
"""The maximum memory of one compiled pattern, in bytes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a CODEOWNERS file that assigns owners to paths."""

    number: int
    """The 1-based line number."""
    pattern: str
    owners: tuple[str, ...]
    """The owners as written, including `@`. An empty tuple means that the matching paths have no
    owner.
    """
    section: str = ""
    """The section that contains the line, or an empty string outside sections."""
    admits_all: bool = False
    """Whether the pattern matches every path."""


@dataclass(slots=True)
class _Section:
    """A section of a CODEOWNERS file. A file without sections has one unnamed section."""

    name: str
    optional: bool
    lines: list[tuple[Any, Line, bool]] = field(default_factory=list)
    """Tuples of (compiled pattern, line, whether the line excludes paths from the section)."""

    def deciding_line(self, path: str) -> Line | None:
        """Return the last matching line, or None if no line matches or a line excludes the path."""
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
        # Sections with required approval come first.
        self._sections = sorted(parse(text), key=lambda section: section.optional)

    def deciding(self, path: str) -> tuple[Line, ...]:
        """Return the deciding lines of all sections for a path, highest precedence first.

        Lines that match every path, such as `* @acme/everybody`, come last. For the other lines,
        sections with required approval precede optional sections. Sections of the same kind keep
        the order of the file.
        """
        if path.startswith('"'):
            path = with_stand_ins(bytes_of(path))
        lines = [
            line for section in self._sections if (line := section.deciding_line(path)) is not None
        ]
        return tuple(sorted(lines, key=lambda line: line.admits_all))

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines that assign owners, highest precedence first."""
        found = [
            line
            for section in self._sections
            for _, line, excludes in reversed(section.lines)
            if not excludes
        ]
        if len(self._sections) > 1:
            found.sort(key=lambda line: line.admits_all)
        return tuple(found)


def looks_like_gitlab(text: str) -> bool:
    """Return whether a file uses GitLab-only syntax: sections, exclusions, roles or subgroups."""
    return any(
        line.startswith("!") or _SECTION.match(line) or _ONLY_GITLAB.search(line)
        for _, line in _lines(text)
    )


def role_in(owner: str) -> str | None:
    """Return the role that an owner such as `@@maintainers` names, in the singular.

    The result is None if the owner is not a role.
    """
    found = _ROLE.fullmatch(owner)
    return found["role"].lower() if found else None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, stripped line) for each line that is neither empty nor a comment."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        stripped = line.strip(_BLANK)
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _parse_github(text: str) -> list[_Section]:
    section = _Section("", optional=False)
    for number, line in _lines(text):
        pattern, *words = _WORD.findall(line)
        owners = []
        for word in words:
            if word.startswith("#"):
                break
            owners.append(word)
        # GitHub does not support negation, ranges or escaped number signs.
        if pattern.startswith(("!", "\\#")) or re.search(r"(?<!\\)\[", pattern):
            continue
        if not _WHOLE.fullmatch(pattern):
            continue
        # A single malformed owner makes the whole line invalid.
        if all(_GITHUB_OWNER.fullmatch(owner) for owner in owners):
            _add(section, _github_regex(pattern), Line(number, _unescaped(pattern), tuple(owners)))
    return [section]


def _parse_gitlab(text: str) -> list[_Section]:
    section = _Section("", optional=False)
    sections = {"": section}
    inherited: tuple[str, ...] = ()
    for number, text_line in _lines(text):
        # GitLab ignores the rest of a line that begins like a header, so no pattern can begin with
        # a range.
        header = _SECTION.match(text_line)
        if header is not None:
            # A header with the name of an earlier section continues that section. Names are
            # case-insensitive.
            name, optional = header["name"].strip(), bool(header["optional"])
            section = sections.setdefault(name.lower(), _Section(name, optional))
            section.optional = section.optional and optional
            inherited = _gitlab_owners(header["owners"] or "")
            continue
        written, *rest = _SPACE.split(text_line, maxsplit=1)
        excludes = written.startswith("!")
        pattern = _normalised(written.removeprefix("!"))
        # GitLab has no inline comments, so owners after a number sign are also valid.
        owners = _gitlab_owners(rest[0] if rest else "") or inherited
        admits_all = _EVERYTHING.fullmatch(pattern) is not None
        line = Line(number, _unescaped(written), owners, section.name, admits_all)
        _add(section, _gitlab_regex(pattern), line, excludes=excludes)
    return list(sections.values())


def _gitlab_owners(text: str) -> tuple[str, ...]:
    """Return the mentions and email addresses in a string. All other words are ignored."""
    return tuple(dict.fromkeys(_GITLAB_OWNER.findall(text)))


def _add(section: _Section, expression: str | None, line: Line, *, excludes: bool = False) -> None:
    if expression is None:
        return
    settings = re2.Options()
    settings.max_mem = _MEMORY
    settings.log_errors = False
    try:
        section.lines.append((re2.compile(expression, settings), line, excludes))
    except re2.error:
        # The pattern is invalid, for example because a range ends before it starts. Forges also
        # ignore such lines.
        return


def _unescaped(pattern: str) -> str:
    return re.sub(r"\\(.)", r"\1", pattern)


def _github_regex(pattern: str) -> str | None:
    """Translate a GitHub pattern to a regular expression. Return None for an empty pattern.

    Patterns work as in `.gitignore`, except that `folder/*` does not match files in subfolders.
    """
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
    parts = body.split("/")
    expression = ""
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        if part == "**":
            expression += ".*" if last else "(?:.*/)?"
        else:
            expression += _segment(part, ranges=False) + ("" if last else "/")
    start = r"\A" if anchored else r"(?:\A|/)"
    return f"{start}(?s:{expression}){end}"


def _normalised(pattern: str) -> str:
    """Return the anchored pattern that GitLab passes to Ruby's `File.fnmatch`."""
    if pattern == "*":
        return "/**/*"
    pattern = re.sub(rf"\\[{_BLANK}]+", " ", pattern)
    if not pattern.startswith("/"):
        pattern = f"/**/{pattern}"
    return f"{pattern}**/*" if pattern.endswith("/") else pattern


def _gitlab_regex(pattern: str) -> str:
    """Translate a normalised GitLab pattern to a regular expression.

    As in Ruby's `File.fnmatch`, `**` is recursive only if it is a whole path segment.
    """
    parts = pattern.removeprefix("/").split("/")
    expression = ""
    for position, part in enumerate(parts):
        if position == len(parts) - 1:
            expression += _segment(part, ranges=True)
        elif part == "**":
            # Several consecutive `**` match the same paths as a single one.
            if not expression.endswith("(?:.*/)?"):
                expression += "(?:.*/)?"
        else:
            expression += _segment(part, ranges=True) + "/"
    return rf"\A(?s:{expression})\z"


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
        elif char == "[" and ranges:
            end = part.find("]", position)
            expression += _range(part[position : max(end, position)])
            position = end + 1 if end >= 0 else len(part)
        else:
            expression += re2.escape(char)
    return expression


def _range(inner: str) -> str:
    """Translate a range such as `a-z` or `^0-9`. An empty or unclosed range matches nothing."""
    negated = inner.startswith(("^", "!"))
    body = inner[1:] if negated else inner
    if not body:
        return r"[^\x00-\x{10FFFF}]"
    escaped = "".join(char if char == "-" else re2.escape(char) for char in body)
    return f"[{'^/' if negated else ''}{escaped}]"
