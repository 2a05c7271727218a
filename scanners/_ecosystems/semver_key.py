"""Sort keys for versions such as `1.2.3-rc.1`, in the order of semantic versioning."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

Key: TypeAlias = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]
"""The numbers without trailing zeros, whether it is a release, and the prerelease."""

_VERSION = re.compile(
    r"v?(\d+(?:\.\d+){0,5})(?:-([0-9A-Za-z.\-]+))?(?:\+[0-9A-Za-z.\-]*)?", re.ASCII | re.IGNORECASE
)
_LONGEST = 200


@lru_cache(maxsize=4096)
def key(version: str) -> Key:
    """Return the sort key of a version. `1`, `1.0` and `1.0.0` are equal.

    Raises:
        ValueError: The string is not a version.
    """
    found = _VERSION.fullmatch(version.strip()) if len(version) <= _LONGEST else None
    if found is None:
        raise ValueError(f"`{version:.80}` is not a version; write, for example, `1.2.3`")
    return key_of(tuple(map(int, found[1].split("."))), found[2] or "")


def key_of(numbers: tuple[int, ...], prerelease: str = "") -> Key:
    """Return the sort key of the version with these numbers and this prerelease."""
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    parts = prerelease.lower().split(".") if prerelease else ()
    return numbers, not prerelease, tuple(_identifier(part) for part in parts)


def _identifier(text: str) -> tuple[bool, int, str]:
    """Return a key that sorts numbers before other identifiers."""
    if text.isdecimal():
        return False, int(text), ""
    return True, 0, text
