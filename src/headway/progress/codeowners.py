r"""CODEOWNERS files by the rules of GitHub and GitLab: which lines decide who owns a path.

    * @acme/platform                 # the last matching line decides
    /services/pay/ @acme/payments ada@example.com

GitLab has sections in addition. Each section decides on its own, and its lines inherit the owners
in its header:

    ^[Database][2] @acme/dba
    /migrations/
    !/migrations/fixtures/

Lines that the forge does not understand are ignored, as the forge ignores them. The rules are those
of the two manuals: "About code owners" of GitHub, and "Syntax of CODEOWNERS file" and "Advanced
CODEOWNERS configuration" of GitLab.
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
"""GitHub ignores larger files. GitLab documents no limit; we apply the same one."""

_BLANK = " \t\r\f\v"
_SECTION = re.compile(
    r"(?P<optional>\^?)\[(?P<name>[^\]]*)\](?:\[\d*\])?(?P<owners>[ \t]+[@\w./ \t-]*)?", re.ASCII
)
_WORD = re.compile(rf"(?:\\.|[^{_BLANK}\\])+")
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
"""An owner that only GitLab knows: a role, or a subgroup."""
_EVERYTHING = re.compile(r"(?:/\*\*)*/\*+")
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
    admits_all: bool = False
    """Whether its pattern matches every path."""


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
        # sections with required approval come first
        self._sections = sorted(parse(text), key=lambda section: section.optional)

    def deciding(self, path: str) -> tuple[Line, ...]:
        """The deciding line of each section, the most important first.

        A line that matches every path, such as `* @acme/everybody`, comes last. Then sections with
        required approval precede optional ones, and earlier sections precede later ones.
        """
        if path.startswith('"'):
            path = with_stand_ins(bytes_of(path))
        lines = [
            line for section in self._sections if (line := section.deciding_line(path)) is not None
        ]
        return tuple(sorted(lines, key=lambda line: line.admits_all))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line that assigns owners, the most important first."""
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
    """Whether a file uses what only GitLab has: sections, exclusions, roles or subgroups."""
    return any(
        line.startswith("!") or _SECTION.match(line) or _ONLY_GITLAB.search(line)
        for _, line in _lines(text)
    )


def role_in(owner: str) -> str | None:
    """The role that an owner such as `@@maintainers` names, in the singular; None for no role."""
    found = _ROLE.fullmatch(owner)
    return found["role"].lower() if found else None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(line number, line without surrounding blanks) of lines that are not empty or comments."""
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
        # GitHub supports neither negation, nor ranges, nor an escaped number sign
        if pattern.startswith(("!", "\\#")) or re.search(r"(?<!\\)\[", pattern):
            continue
        # one malformed owner makes the whole line invalid
        if all(_GITHUB_OWNER.fullmatch(owner) for owner in owners):
            _add(section, _github_regex(pattern), Line(number, _unescaped(pattern), tuple(owners)))
    return [section]


def _parse_gitlab(text: str) -> list[_Section]:
    section = _Section("", optional=False)
    sections = {"": section}
    inherited: tuple[str, ...] = ()
    for number, text_line in _lines(text):
        # GitLab does not look at what follows a header, so no pattern can begin with a range
        header = _SECTION.match(text_line)
        if header is not None:
            # a header that repeats a name, in any case, continues that section
            name, optional = header["name"].strip(), bool(header["optional"])
            section = sections.setdefault(name.lower(), _Section(name, optional))
            section.optional = section.optional and optional
            inherited = _gitlab_owners(header["owners"] or "")
            continue
        written, *rest = _SPACE.split(text_line, maxsplit=1)
        excludes = written.startswith("!")
        pattern = _normalised(written.removeprefix("!"))
        # there are no inline comments: owners in one count, too
        owners = _gitlab_owners(rest[0] if rest else "") or inherited
        admits_all = _EVERYTHING.fullmatch(pattern) is not None
        line = Line(number, _unescaped(written), owners, section.name, admits_all)
        _add(section, _gitlab_regex(pattern), line, excludes=excludes)
    return list(sections.values())


def _gitlab_owners(text: str) -> tuple[str, ...]:
    """Mentions and addresses in a text; everything else in it is ignored."""
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
    """The pattern as GitLab passes it to Ruby's `File.fnmatch`: from the root of the repository."""
    if pattern == "*":
        return "/**/*"
    pattern = re.sub(rf"\\[{_BLANK}]+", " ", pattern)
    if not pattern.startswith("/"):
        pattern = f"/**/{pattern}"
    return f"{pattern}**/*" if pattern.endswith("/") else pattern


def _gitlab_regex(pattern: str) -> str:
    """As in Ruby's `File.fnmatch`, where `**` is recursive only as a whole folder."""
    parts = pattern.removeprefix("/").split("/")
    expression = ""
    for position, part in enumerate(parts):
        if position == len(parts) - 1:
            expression += _segment(part, ranges=True)
        elif part == "**":
            # a second one in a row adds nothing
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
    """A range such as `a-z` or `^0-9`; an empty or unclosed one matches nothing."""
    negated = inner.startswith(("^", "!"))
    body = inner[1:] if negated else inner
    if not body:
        return r"[^\x00-\x{10FFFF}]"
    escaped = "".join(char if char == "-" else re2.escape(char) for char in body)
    return f"[{'^/' if negated else ''}{escaped}]"
