"""Conditions on values: equality, patterns, and comparisons of numbers and versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt

Version = tuple[tuple[int, ...], bool]
"""The numbers of a version without trailing zeros, and whether it is a final release."""

_VERSION = re.compile(r"[vV=]?\s*(\d{1,9}(?:\.\d{1,9}){0,9})(.*)", re.DOTALL)
_PRERELEASE = re.compile(
    r"[-._]?(?:a|b|c|rc|alpha|beta|pre|preview|dev|snapshot|m)(?![a-z])", re.IGNORECASE
)

COMPARISONS: Mapping[str, Callable[[Version, Version], bool]] = {
    "less_than": lt,
    "at_most": le,
    "greater_than": gt,
    "at_least": ge,
}


def version_of(text: str) -> Version | None:
    """Return the number or version at the beginning of a string, or None if it begins with neither.

    Characters after the numbers are ignored, as in `18-alpine`, unless they mark a prerelease.
    """
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        return None
    numbers = [int(number) for number in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), _PRERELEASE.match(found[2]) is None


def is_equal(value: str, wanted: str) -> bool:
    """Return whether a value equals the expected value, ignoring the case of booleans."""
    return value == wanted or (wanted in ("true", "false") and value.lower() == wanted)
