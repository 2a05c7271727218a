"""Explain YAML syntax errors to people who do not know YAML well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

_QUOTE = "put the text in single quotes"
_DOUBLE_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)')
_INDICATORS = {
    "*": "a reference",
    "&": "an anchor",
    "!": "a tag",
    "|": "a block of text",
    ">": "a block of text",
    "-": "a list entry",
}
"""Maps characters to their special meaning at the start of a YAML value."""
_FORBIDDEN = {"@": "is reserved", "`": "is reserved", "%": "marks a directive"}
"""Maps characters that cannot start a YAML value to the reason."""
_FREE_TEXT = frozenset(
    (
        "approved_by",
        "name",
        "not_sample",
        "owner",
        "pattern",
        "reason",
        "sample",
        "summary",
        "title",
    )
)
"""The keys of free-text values. In these values, `#` can be part of the text instead of a comment.
"""
_COMMENT = re.compile(r"\s+(#.*)")


@dataclass(frozen=True, slots=True)
class SyntaxExplanation:
    """The meaning and location of a syntax error, and a correction."""

    line: int
    """The 1-based line number."""
    column: int
    """The 1-based column, in characters."""
    message: str
    hint: str = ""


def explain_syntax(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> SyntaxExplanation:
    """Explain a parser error, and locate its most likely cause."""
    reason = error.problem or error.context or "it cannot be read"
    mark = error.problem_mark or error.context_mark
    opening = error.context_mark
    if opening is not None and mark is not None and "end of stream" in reason:
        # The context mark of the error is at the beginning of the unclosed value.
        return _at(opening, "this quote is never closed", "close it, or remove it")
    if mark is None:
        return SyntaxExplanation(1, 1, f"this is not valid YAML: {reason}")
    if reason.startswith("could not find expected ':'") and opening is not None:
        return _at(opening, "this line has no key", "write `key: value`")
    if reason.startswith("did not find expected ',' or") and opening is not None:
        bracket = reason[-2:-1]
        hint = f"close it with `{bracket}`, and put text with brackets or quotes in single quotes"
        return _at(opening, "this bracket is not closed", hint)
    source = lines[mark.line] if mark.line < len(lines) else ""
    return _by_source(mark, reason, source)


def _by_source(mark: yaml.Mark, reason: str, source: str) -> SyntaxExplanation:
    """Explain an error based on the characters near it."""
    here, before = source[mark.column : mark.column + 1], source[: mark.column]
    if here == "\t" or "\t" in source[: len(source) - len(source.lstrip())]:
        return _at(
            mark,
            "this is not valid YAML: a tab is used where YAML requires spaces",
            "indent with spaces",
        )
    if "unknown escape" in reason:
        escape = source[mark.column : mark.column + 2]
        if not escape.startswith("\\"):
            escape = source[max(0, mark.column - 1) : mark.column + 1]
        return _at(
            mark,
            f"`{escape}` is not a valid escape in double quotes",
            _in_single_quotes(source, mark.column),
        )
    start = _indicator(before, source, mark.column)
    if start is not None and not reason.startswith(("mapping values", "did not find expected key")):
        first, token = source[start], _token(source[start:])
        return SyntaxExplanation(
            mark.line + 1,
            start + 1,
            f"a YAML value cannot begin with `{first}`, which {_FORBIDDEN[first]}"
            if first in _FORBIDDEN
            else f"a value that begins with `{first}` is read as {_INDICATORS[first]}",
            f"put text that begins with this character in quotes: '{token}'"
            if "'" not in token
            else "put text that begins with this character in quotes",
        )
    if reason.startswith("mapping values are not allowed"):
        return _at(
            mark, f"this is not valid YAML: {reason}", "put text that contains a colon in quotes"
        )
    if reason.startswith("did not find expected key"):
        return _after_value(mark, before)
    return _at(mark, f"this is not valid YAML: {reason}", _QUOTE)


def _after_value(mark: yaml.Mark, before: str) -> SyntaxExplanation:
    """Explain unexpected text after a quoted value or a list."""
    end = before.rstrip()[-1:]
    if end == "]":
        message = "`[` begins a list, which ends before this text"
        return _at(mark, message, f"{_QUOTE} if it is not a list")
    if end == "'":
        message = "the quoted text ends before this character"
        return _at(mark, message, "write '' for a single quote within single quotes")
    if end == '"':
        message = "the quoted text ends before this character"
        return _at(mark, message, "quote the whole text, or write several strings as [a, b]")
    return _at(mark, "this is not valid YAML: a key was expected here", "check the indentation")


def _indicator(before: str, source: str, column: int) -> int | None:
    """Return the index of the special character that begins the value, or None if none does."""
    begins = re.search(r"(?:^|[\s\[{,])([^\s\[{,]*)$", before)
    start = begins.start(1) if begins else column
    return start if source[start : start + 1] in {*_INDICATORS, *_FORBIDDEN} else None


def _token(text: str) -> str:
    found = re.match(r"- .*|[^\s,\]}]+", text)
    return found[0] if found else text.strip()


def _in_single_quotes(source: str, column: int) -> str:
    hint = "use single quotes, in which a backslash is an ordinary character"
    for found in _DOUBLE_QUOTED.finditer(source):
        inner = found[0].strip('"')
        if found.start() <= column < found.end() and "'" not in inner:
            return f"{hint}: '{inner}'"
    return hint


def comment_after(lines: Sequence[str], node: yaml.ScalarNode, key: str | int) -> str | None:
    """Return the comment after an unquoted value if it is probably part of the value, else None.

    After a pattern, every comment qualifies. After other text, a comment qualifies only if no space
    follows the `#`, as in `#12`. A comment that begins with `##` never qualifies.
    """
    end = node.end_mark
    if key not in _FREE_TEXT:
        return None
    if node.style in ("'", '"', "|", ">") or end is None or end.line >= len(lines):
        return None
    found = _COMMENT.match(lines[end.line], end.column)
    if found is None:
        return None
    meant = found[1][1:2].strip() != "" or (key == "pattern" and node.value)
    return found[1] if meant and not found[1].startswith("##") else None


def _at(mark: yaml.Mark, message: str, hint: str = "") -> SyntaxExplanation:
    return SyntaxExplanation(mark.line + 1, mark.column + 1, message, hint)
