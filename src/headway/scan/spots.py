"""Check the matches that scanners return, and convert them to their stored form.

Scanners can be third-party code. Their results must therefore have the declared types and be small
enough for the store. Any other result counts as a failure of the scanner for the current input.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from headway.model.limits import EXCERPT_LENGTH
from headway.progress.opening import Spot
from headway.scanner import Match, Unknown

IDENTITY_LENGTH = 400
EXACT_LENGTH = 10_000
"""The maximum length of a matched line that is recorded exactly, in characters."""
CAPTURE_LENGTH = 200
CAPTURES = 100
"""The maximum number of values that one match can capture."""
_CACHED_LENGTH = 1000
"""The maximum length of a cached line. A line can be several megabytes long."""
_LARGEST_NUMBER = 2**31 - 1
"""The largest line or column that the store can hold."""


class InvalidMatchError(Exception):
    """A scanner returned a value that is not a valid match. The message describes the value."""

    def __init__(self, returned: object, problem: str) -> None:
        super().__init__(f"the scanner returned {returned!r:.80}{problem}")


def check_match(match: object) -> Match:
    """Return a match if its fields have the declared types.

    Raises:
        InvalidMatchError: The value is not a match, or a field has the wrong type or range.
    """
    if not isinstance(match, Match):
        raise InvalidMatchError(match, " instead of a Match")
    if not isinstance(match.text, str) or not isinstance(match.path, str):
        raise InvalidMatchError(match, ", whose `text` or `path` is not a string")
    if not (_is_position(match.line) and _is_position(match.column)):
        raise InvalidMatchError(
            match, f", whose `line` or `column` is not a whole number from 1 to {_LARGEST_NUMBER:,}"
        )
    return match


def check_match_or_unknown(returned: object) -> Match | Unknown:
    """Return a match or an unknown file if its fields have the declared types.

    Raises:
        InvalidMatchError: The value is neither, or a field has the wrong type or range.
    """
    if not isinstance(returned, Unknown):
        return check_match(returned)
    if not all(isinstance(text, str) for text in (returned.path, returned.reason, returned.cause)):
        raise InvalidMatchError(returned, ", which has a field that is not a string")
    return returned


def collect(pairs: Iterable[tuple[int, Match]], count: int) -> dict[int, list[Match]]:
    """Return the matches of several rules, by the position of the rule in the call.

    Raises:
        InvalidMatchError: A value is not a valid match, or belongs to none of the `count` rules.
    """
    found: dict[int, list[Match]] = defaultdict(list)
    for position, match in pairs:
        if type(position) is not int or not 0 <= position < count:
            raise InvalidMatchError(match, " for a rule that it was not called for")
        found[position].append(check_match(match))
    return found


def require_lines(matches: Sequence[Match], content: bytes) -> None:
    """Check that every match has a valid line number.

    If several files are searched together, the line number identifies the file of a match.

    Raises:
        InvalidMatchError: A match has no line number, or its line number is outside the content.
    """
    last = content.count(b"\n") + 1 if matches else 0
    for match in matches:
        if match.line is None or not 1 <= match.line <= last:
            raise InvalidMatchError(match, ", which has no valid line")


def _is_position(number: object) -> bool:
    return number is None or (type(number) is int and 1 <= number <= _LARGEST_NUMBER)


def spots_of(matches: Iterable[Match]) -> tuple[Spot, ...]:
    """Return the stored form of all distinct matches, in order of position."""
    return tuple(sorted({spot_of(match) for match in matches}, key=spot_order))


def spot_order(spot: Spot) -> tuple[int, int, str]:
    """Return a sort key that orders matches by position."""
    return spot.line or 0, spot.column or 0, spot.text


def spot_of(match: Match) -> Spot:
    """Return the stored form of a match: valid text of limited length.

    Raises:
        InvalidMatchError: The captures are not a small mapping from strings to strings.
    """
    text, column = _plain(match.text), match.column
    captures = _captures(match) if match.captures else ()
    return restored_spot(text, match.line, column, captures)


def restored_spot(
    text: str, line: int | None, column: int | None, captures: tuple[tuple[str, str], ...]
) -> Spot:
    """Return the stored form of a match in the given line.

    If `text` is a spot's `exact_text` and has not been cut, the result equals the spot.
    """
    texts = _cached_texts if len(text) <= _CACHED_LENGTH else _texts_of
    identity, excerpt, exact = texts(text, column)
    return Spot(identity, line, column, excerpt, captures, exact)


def _captures(match: Match) -> tuple[tuple[str, str], ...]:
    """Return the captured values, sorted by name."""
    captures = []
    try:
        for name, value in match.captures.items():
            captures.append((_cut(storable(_plain(name))), _cut(storable(_plain(value)))))
            if len(captures) > CAPTURES:
                raise InvalidMatchError(match, f", which has more than {CAPTURES} `captures`")
    except (AttributeError, TypeError, ValueError):
        problem = ", whose `captures` do not map strings to strings"
        raise InvalidMatchError(match, problem) from None
    return tuple(sorted(captures))


def _plain(text: str) -> str:
    """Return a string as a plain `str`. A subclass of `str` could override any method.

    Raises:
        TypeError: The value is not a string.
    """
    return text if type(text) is str else str.__str__(text)


def _texts_of(text: str, column: int | None) -> tuple[str, str, str | None]:
    """Return the identity and excerpt of a line, and its exact form if this differs."""
    text = storable(text)
    identity, exact = identity_text(text), exact_text(text)
    return identity, _excerpt(text, column), None if exact == identity else exact


_cached_texts = lru_cache(maxsize=1 << 15)(_texts_of)
"""The results are cached because the same line occurs in many versions of a file."""


def _cut(value: str) -> str:
    return value if len(value) <= CAPTURE_LENGTH else f"{value[: CAPTURE_LENGTH - 1]}…"


def identity_text(text: str) -> str:
    """Return a line with white space collapsed.

    The end of a very long line is replaced by a fingerprint of the whole line.
    """
    return _cut_and_hashed(" ".join(text.split()), IDENTITY_LENGTH)


def exact_text(text: str) -> str:
    """Return a line unchanged. The end of a very long line is replaced as in `identity_text`."""
    return _cut_and_hashed(text, EXACT_LENGTH)


def _cut_and_hashed(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    fingerprint = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return f"{text[: length - 20]} … {fingerprint}"


def storable(text: str) -> str:
    """Escape lone surrogates and NUL in a string, because the store cannot save them."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _excerpt(text: str, column: int | None) -> str:
    """Return the part of the line around the match, without indentation."""
    if len(text) <= EXCERPT_LENGTH:
        return text.strip()
    start = max(0, min((column or 1) - 1 - EXCERPT_LENGTH // 4, len(text) - EXCERPT_LENGTH))
    piece = text[start : start + EXCERPT_LENGTH].strip()
    before = "…" if start else ""
    after = "…" if start + EXCERPT_LENGTH < len(text) else ""
    return f"{before}{piece}{after}"
