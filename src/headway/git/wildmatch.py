r"""Translate git's glob patterns (`wildmatch`) to regular expressions.

RE2 matches the expressions in linear time, even for malicious patterns.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from typing import Any, NamedTuple

import re2

SPECIAL = frozenset(b"*?[\\")
"""The bytes with a special meaning in a pattern."""

_SLASH = ord("/")
_CLASSES = {
    b"alnum": string.ascii_letters + string.digits,
    b"alpha": string.ascii_letters,
    b"blank": " \t",
    b"cntrl": "".join(map(chr, (*range(32), 127))),
    b"digit": string.digits,
    b"graph": "".join(map(chr, range(33, 127))),
    b"lower": string.ascii_lowercase,
    b"print": "".join(map(chr, range(32, 127))),
    b"punct": string.punctuation,
    b"space": " \t\n\r",
    b"upper": string.ascii_uppercase,
    b"xdigit": string.hexdigits,
}
"""The characters in each named class, as defined by git."""


class InvalidPatternError(Exception):
    """A pattern cannot match anything, for example because a bracket is not closed."""


class _Bracket(NamedTuple):
    members: frozenset[int]
    """The bytes that the expression matches."""
    end: int
    """The position after the closing bracket."""


def compiled(pattern: bytes, *, whole_path: bool) -> Any:
    """Return a compiled expression whose `fullmatch` decides whether a name matches.

    Args:
        pattern: The pattern.
        whole_path: Whether names can contain slashes. If so, only `**` and a slash match a slash.

    Raises:
        InvalidPatternError: The pattern can match nothing.
    """
    settings = re2.Options()
    settings.log_errors = False
    settings.encoding = re2.Options.Encoding.LATIN1
    settings.dot_nl = True
    try:
        return re2.compile(_translated(pattern, whole_path), settings)
    except re2.error as error:
        raise InvalidPatternError from error


def _translated(pattern: bytes, whole_path: bool) -> bytes:
    parts: list[bytes] = []
    position = 0
    while position < len(pattern):
        byte = pattern[position]
        if byte == ord("*"):
            after = position
            while pattern[after : after + 1] == b"*":
                after += 1
            part, position = _stars(pattern, position, after, whole_path)
            parts.append(part)
        elif byte == ord("?"):
            parts.append(b"[^/]" if whole_path else b".")
            position += 1
        elif byte == ord("["):
            members, position = _bracket(pattern, position)
            parts.append(_any_of(members - {_SLASH} if whole_path else members))
        else:
            position += byte == ord("\\")
            if position == len(pattern):
                raise InvalidPatternError
            parts.append(_escaped(pattern[position]))
            position += 1
    return b"".join(parts)


def _stars(pattern: bytes, start: int, after: int, whole_path: bool) -> tuple[bytes, int]:
    """Return the expression for the stars in `pattern[start:after]`, and the position after it."""
    if not whole_path:
        return b".*", after
    begins = start == 0 or pattern[start - 1] == _SLASH
    rest = pattern[after:]
    if after - start > 1 and begins:
        if rest.startswith(b"/"):
            return b"(?:.*/)?", after + 1
        if not rest or rest.startswith(b"\\/"):
            return b".*", after
    return b"[^/]*", after


def _bracket(pattern: bytes, start: int) -> _Bracket:
    """Parse the bracket expression at `start`. A leading `]` does not end it."""
    position = start + 1
    negated = pattern[position : position + 1] in (b"!", b"^")
    position += negated
    members: set[int] = set()
    previous: int | None = None
    first = True
    while first or pattern[position : position + 1] != b"]":
        first = False
        is_range = previous is not None and pattern[position : position + 1] == b"-"
        if is_range and pattern[position + 1 : position + 2] not in (b"", b"]"):
            last, position = _literal(pattern, position + 1)
            members.update(range(previous or 0, last + 1))
            previous = None
        elif (name := _class_name(pattern, position)) is not None:
            members |= _members(name)
            position += len(name) + len("[::]")
            previous = None
        else:
            previous, position = _literal(pattern, position)
            members.add(previous)
    return _Bracket(frozenset(set(range(256)) - members if negated else members), position + 1)


def _byte(pattern: bytes, position: int) -> int:
    if position >= len(pattern):
        raise InvalidPatternError
    return pattern[position]


def _literal(pattern: bytes, position: int) -> tuple[int, int]:
    """Return the byte at a position, which may be escaped, and the position after it."""
    position += _byte(pattern, position) == ord("\\")
    return _byte(pattern, position), position + 1


def _class_name(pattern: bytes, position: int) -> bytes | None:
    """Return the name of a class such as `[:alpha:]`, or None if the position has no class."""
    if not pattern.startswith(b"[:", position):
        return None
    name, closed, _ = pattern[position + 2 :].partition(b"]")
    return name[:-1] if closed and name.endswith(b":") else None


def _members(name: bytes) -> frozenset[int]:
    if name not in _CLASSES:
        raise InvalidPatternError
    return frozenset(_CLASSES[name].encode("ascii"))


def _any_of(members: Iterable[int]) -> bytes:
    ordered = sorted(members)
    if not ordered:
        raise InvalidPatternError
    return b"[" + b"".join(map(_escaped, ordered)) + b"]"


def _escaped(byte: int) -> bytes:
    return b"\\x%02x" % byte
