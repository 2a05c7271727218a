"""Read a large lock file in pieces, and reuse the pieces that did not change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from .facts_builder import one_line
from .records import Facts, Locked

_USUAL_SIZE = 4_000
"""The approximate number of characters in a piece."""
_LARGEST_KEPT = 40_000
"""The maximum number of characters in a piece that is kept in memory."""
_KEPT = 1 << 12
"""The maximum number of pieces in memory."""
_MOST_PARTS = 500_000
"""A file with more parts than this is read as a single piece."""


class Found(NamedTuple):
    """One version that a lock file states."""

    package: str
    version: str
    offset: int
    """The offset at which the version is stated."""
    group: str = ""


Read = Callable[[str, Hashable], tuple[Iterable[Found], Hashable]]
"""Reads one piece in order of position, and returns the context for the next piece.

The context describes what precedes a piece, such as the sections that contain it.
"""


@dataclass(frozen=True, eq=False)
class Layout:
    """Describes how one kind of lock file is read."""

    read: Read
    normalise: Callable[[str], str]
    """Returns the normalised name of a package. Raises `ValueError` if the name is invalid."""


@dataclass(frozen=True, eq=False)
class _Piece:
    """The locked versions in a piece of a lock file."""

    entries: tuple[tuple[str, Locked], ...]
    """The versions with their normalised names. Their lines are 0-based within the piece."""
    lines: int
    context: Hashable


_Pieces = dict[str, tuple[Locked, ...]]


def read_in_pieces(layout: Layout, text: str, separator: str, context: Hashable = "") -> Facts:
    """Read the versions in a lock file.

    Args:
        layout: How the file is read.
        text: The decoded file.
        separator: A string that ends with a newline. It occurs between entries, never inside one.
        context: The context of the first entry.
    """
    locked: _Pieces = {}
    line = 1
    for parts in _groups(text, separator):
        small = sum(map(len, parts)) <= _LARGEST_KEPT
        piece = (_kept_piece if small else _piece)(layout, separator, parts, context)
        found = (_kept_numbered if small else _numbered)(piece, line)
        both = locked.keys() & found.keys()
        repeated = {name: locked[name] + found[name] for name in both}
        locked.update(found)
        locked.update(repeated)
        line += piece.lines
        context = piece.context
    return Facts(locked=locked)


def _groups(text: str, separator: str) -> Iterator[tuple[str, ...]]:
    """Divide the parts of a file into groups. The parts of each group form one piece.

    The hashes of the parts decide where a group ends, so a new entry changes only its own group.
    """
    count = text.count(separator)
    if count > _MOST_PARTS:
        yield (text,)
        return
    parts = text.split(separator)
    usual = max(1, _USUAL_SIZE * len(parts) // max(1, len(text)))
    mask = (1 << usual.bit_length() - 1) - 1
    start = 0
    for index, part in enumerate(parts):
        if not hash(part) & mask and index - start >= mask // 4:
            yield (*parts[start : index + 1], "")
            start = index + 1
    yield tuple(parts[start:])


def _piece(layout: Layout, separator: str, parts: tuple[str, ...], context: Hashable) -> _Piece:
    text = separator.join(parts)
    entries = []
    line = counted = 0
    found, after = layout.read(text, context)
    for package, version, offset, group in found:
        line += text.count("\n", counted, offset)
        counted = offset
        with suppress(ValueError):
            name = intern(layout.normalise(package))
            entries.append((name, Locked(intern(one_line(version)), line, intern(group))))
    return _Piece(tuple(entries), text.count("\n"), after)


def _numbered(piece: _Piece, line: int) -> _Pieces:
    """Return the versions of a piece by name, with their line numbers in the file."""
    lists: dict[str, list[Locked]] = {}
    for name, entry in piece.entries:
        numbered = Locked(entry.version, line + entry.line, entry.group)
        lists.setdefault(name, []).append(numbered)
    return {name: tuple(entries) for name, entries in lists.items()}


_kept_piece = lru_cache(maxsize=_KEPT)(_piece)
_kept_numbered = lru_cache(maxsize=_KEPT)(_numbered)
