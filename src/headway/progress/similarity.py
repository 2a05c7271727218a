"""Measure the similarity of two matched lines, and the overlap of two files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

_SHORTEST_LINE = 3
"""The minimum number of ASCII letters, digits and underscores in a line. Lines with fewer are
ignored when files are compared.
"""
_BYTES_NOT_IN_WORDS = bytes(
    byte
    for byte in range(256)
    if not (chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "_\n"))
)
"""All bytes except ASCII letters, digits, underscores and newlines."""
_NOT_IN_WORDS = re.compile(r"\W+")


def similarity(one: str, other: str) -> float:
    """Return the share of adjacent character pairs that two strings have in common (0 to 1).

    This is the Dice coefficient: twice the number of common pairs divided by the number of all
    pairs. Only letters, digits and underscores count, so quotes, brackets and blanks make no
    difference. In a string without any of these, all characters count.
    """
    if one == other:
        return 1.0
    pairs, others = _pairs(one), _pairs(other)
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 0.0


@lru_cache(maxsize=4096)
def _pairs(text: str) -> Counter[str]:
    words = _NOT_IN_WORDS.sub("", text)
    return Counter(map("".join, pairwise(words or text)))


def line_set(lines: Sequence[bytes]) -> frozenset[bytes]:
    """Return the significant lines of a file, reduced to ASCII letters, digits and underscores.

    Formatters change mainly other characters, so a file is recognised even if it was renamed and
    reformatted.
    """
    # One call for the whole file is much faster than one call for each line.
    stripped = set(b"\n".join(lines).translate(None, _BYTES_NOT_IN_WORDS).split(b"\n"))
    return frozenset(line for line in stripped if len(line) >= _SHORTEST_LINE)


def shared(old: frozenset[bytes], new: frozenset[bytes]) -> float:
    """Return the share of the new file's lines that the old file also has, from 0 to 1."""
    return len(old & new) / len(new) if new else 0.0


def resemblance(old: frozenset[bytes], new: frozenset[bytes]) -> float:
    """Return the ratio of common lines to the lines of the larger file, from 0 to 1."""
    return len(old & new) / max(len(old), len(new), 1)
