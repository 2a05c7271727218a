"""Find path and name patterns that cannot match what their author intended."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Literal, Protocol

from headway.config.document import Document, KeyPath
from headway.config.problems import Problem
from headway.model.scope import compiled

Kind = Literal["path", "repository"]

_BRACES = re.compile(r"\{([^{}]*(?:,|\.\.)[^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CLASS = re.compile(r"\[!?\]?[^\]]*\]")
_EMPTY_CLASS = re.compile(r"\[!?\](?![^\[]*\])")
_POSIX_CLASS = re.compile(r"\[:(\^?[a-z]+):\]")
_POSIX_RANGES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_ESCAPE_IN_CLASS = re.compile(r"(?<!\\)\[[^\[\]]*\\[\[\]]")
_RANGE = re.compile(r"([^\[\]-])-([^\]-])")
_ABSOLUTE = re.compile(r"file://|[A-Za-z]:[/\\]|~[^/]*/|/(?:home|Users)/[^/]+/")
_LINK = re.compile(r"(?:https?://|ssh://|git@)[^/:]+[/:](?:\d+/)?(.+?)(?:\.git)?/?\Z")
_EXTENSION = re.compile(
    r"\.(?:bash|bat|c|cc|cfg|cjs|clj|cmake|conf|cpp|cs|css|csv|cxx|dart|ex|exs|fs|go|gradle|graphql"
    r"|groovy|h|hcl|hpp|hs|html?|ini|ipynb|java|js|json|jsx|kts?|less|lua|m|md|mjs|mm|php|pl|proto"
    r"|ps1|py|pyi|pyx|r|rb|rs|rst|sass|scala|scss|sh|sql|svelte|swift|tf|tfvars|toml|tsx?|txt|vb"
    r"|vue|xml|ya?ml|zig)\Z"
)
_MOST_ALTERNATIVES = 12
"""The maximum number of patterns that a hint suggests in place of braces."""


@dataclass(frozen=True, slots=True)
class PatternFault:
    """A fault in a pattern, with a suggested correction."""

    message: str
    """The end of a sentence that begins with "the pattern `...`"."""
    hint: str


class _Fault(Protocol):
    """Creates a fault from a message, and from replacement patterns or a hint."""

    def __call__(self, message: str, *instead: str, hint: str = "") -> PatternFault: ...


def pattern_fault(pattern: str, kind: Kind) -> PatternFault | None:
    """Return the first fault in a `.gitignore` pattern, or None if the pattern is valid."""
    return next(_faults(pattern, kind), None)


def check_patterns(
    document: Document, value: object, path: KeyPath, kind: Kind
) -> Iterator[Problem]:
    """Yield a problem for each pattern that cannot match what its author intended.

    Args:
        document: The file.
        value: A pattern or a list of patterns. The schema reports any other value.
        path: The path of the value in the file.
        kind: Whether the patterns match paths or the names of repositories.
    """
    words = list(words_in(value, path))
    for place, pattern in words:
        fault = pattern_fault(pattern, kind)
        if fault is not None:
            message = f"the pattern `{pattern}` {fault.message}"
            yield document.problem(message, place, hint=fault.hint)
    admitting = [index for index, (_, pattern) in enumerate(words) if not pattern.startswith("!")]
    for place, pattern in words[: admitting[0]] if admitting else ():
        yield document.problem(
            f"the pattern `{pattern}` excludes nothing, because no earlier pattern includes "
            "anything",
            place,
            hint="move it to the end: the last matching pattern decides",
        )


def words_in(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield the path and value of a single string, or of each string in a list."""
    if isinstance(value, str):
        yield path, value
    for position, word in enumerate(value if isinstance(value, list) else ()):
        if isinstance(word, str):
            yield (*path, position), word


def _faults(pattern: str, kind: Kind) -> Iterator[PatternFault]:
    excludes = pattern.startswith("!")
    mark, body = ("!", pattern[1:]) if excludes else ("", pattern)

    def fault(message: str, *instead: str, hint: str = "") -> PatternFault:
        if instead:
            hint = "write " + ", ".join(f"`{mark}{text}`" for text in instead)
        return PatternFault(message, hint)

    control = _CONTROL.search(pattern)
    if control:
        yield PatternFault(
            f"contains the control character U+{ord(control[0]):04X}",
            "write the pattern in single quotes: in double quotes, YAML turns escapes such as "
            '"\\b" into control characters',
        )
    if body != body.strip() and not body.endswith("\\ "):
        yield fault("begins or ends with a space", body.strip())
    if body.startswith("!"):
        yield fault("begins with more than one `!`", body.lstrip("!"))
    if not body.strip("/"):
        yield fault("matches nothing", "**")
    if pattern.startswith("#"):
        yield fault("begins with `#`, which makes it a comment", f"\\{body}")
    yield from (_repository_faults if kind == "repository" else _path_faults)(body, fault)
    yield from _regex_faults(body, fault)
    yield from _syntax_faults(body, fault)
    yield from _compile_faults(pattern)


def _repository_faults(body: str, fault: _Fault) -> Iterator[PatternFault]:
    link = _LINK.match(body)
    if link:
        yield fault("is a link, not the name of a repository", link[1])
    if body.endswith(".git"):
        yield fault("ends with `.git`, but repository names do not", body[:-4])


def _path_faults(body: str, fault: _Fault) -> Iterator[PatternFault]:
    if _ABSOLUTE.match(body):
        yield fault(
            "is an absolute path", hint="write the path relative to the root of the repository"
        )
    if _EXTENSION.match(body):
        yield fault("matches only files with exactly this name", f"*{body}")


def _regex_faults(body: str, fault: _Fault) -> Iterator[PatternFault]:
    """Yield a fault for each construct, such as braces, that `.gitignore` does not support."""
    looks_like_regex = body.startswith("^") or body.endswith("$") or ".*\\." in body
    if looks_like_regex or re.search(r"\([^()]*\|[^()]*\)|\\\.|\\[dws][*+]", body):
        yield fault(
            "looks like a regular expression",
            hint="write a pattern as in .gitignore, such as `*.py` or `src/**`",
        )
    # Accept backslashes that escape a leading `#` or `!`, a bracket or a space.
    escaped = re.sub(r"\A\\[#!]|\\[\[\] ]", "", body)
    if "\\" in escaped:
        yield fault("contains a backslash", body.replace("\\", "/"))
    if _BRACES.search(body):
        alternatives = _without_braces(body)
        yield fault(
            "contains braces, which have no special meaning in patterns",
            *alternatives,
            hint="write one pattern for each alternative",
        )
    if re.search(r", |,\*", body):
        yield fault("contains several patterns", *(part.strip() for part in body.split(",")))


def _syntax_faults(body: str, fault: _Fault) -> Iterator[PatternFault]:
    relative = re.sub(r"\A(?:\./)+", "", body)
    if relative != body:
        yield fault("begins with `./`", f"/{relative}" if "/" not in relative else relative)
    parts = body.strip("/").split("/")
    if ".." in parts or "." in parts or "" in parts:
        yield fault(
            "has a part between slashes that is `.`, `..` or empty (`//`), so it matches nothing",
            "/".join(part for part in parts if part not in (".", "..", "")) or "**",
        )
    if any("**" in part and part != "**" for part in parts):
        yield fault(
            "has `**` next to other characters, where it means the same as `*`",
            "/".join(re.sub(r"\*\*+", "*", part) if part != "**" else part for part in parts),
            "/".join(re.sub(r"\*\*+", "**/*", part) if part != "**" else part for part in parts),
        )
    posix = _POSIX_CLASS.search(body)
    if posix:
        ranges = _POSIX_RANGES.get(posix[1], "a-z")
        instead = body[: posix.start()] + ranges + body[posix.end() :]
        yield fault(f"contains `{posix[0]}`, which is not supported", instead)
    escaped = _ESCAPE_IN_CLASS.search(body)
    if escaped:
        yield fault(
            f"contains `{escaped[0]}`, where the backslash does not escape the bracket",
            hint="write `]` directly after the `[` that begins the class, as in `[]a]`",
        )
    for found in _CLASS.finditer(body):
        for low, high in _RANGE.findall(found[0]):
            if low > high:
                reverse = found[0].replace(f"{low}-{high}", f"{high}-{low}")
                yield fault(
                    f"contains the range `{low}-{high}`, which is empty",
                    body.replace(found[0], reverse),
                )
    unclosed = _CLASS.sub("", re.sub(r"\\[\[\]]", "", body))
    if "[" in unclosed or _EMPTY_CLASS.search(body):
        yield fault("has a `[` without a `]`", hint="close it, or write `\\[` for a literal `[`")


def _compile_faults(pattern: str) -> Iterator[PatternFault]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled.__wrapped__((pattern,))
    except Exception as error:  # noqa: BLE001 - each engine for expressions has errors of its own
        yield PatternFault(f"is not valid: {error}", "correct it")


def _without_braces(body: str) -> list[str]:
    """Return the patterns that replace a pattern with braces.

    Returns:
        The patterns, or an empty list for a range, nested braces or too many alternatives.
    """
    pieces = _BRACES.split(body)
    choices = [piece.split(",") if index % 2 else [piece] for index, piece in enumerate(pieces)]
    if any(".." in piece for piece in pieces[1::2]) or any("{" in piece for piece in pieces):
        return []
    if prod(map(len, choices)) > _MOST_ALTERNATIVES:
        return []
    return ["".join(choice) for choice in product(*choices)]
