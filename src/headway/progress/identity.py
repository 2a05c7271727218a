"""Pairing of the matches of a commit with those of its parent, by content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """What identifies a match within a commit."""

    path: str
    text: str
    """The matched line with white space collapsed."""
    blob: str
    """Id of the file's content."""


class Pairing(NamedTuple):
    """Indices into the old and the new places, in ascending order; each occurs exactly once."""

    kept: tuple[tuple[int, int], ...]
    """(old, new) of the same item."""
    gone: tuple[int, ...]
    """Old places without a new one."""
    come: tuple[int, ...]
    """New places without an old one."""


_Key = Callable[[Place], Hashable]


def _same_place(place: Place) -> Hashable:
    return place.path, place.text


def _same_content(place: Place) -> Hashable:
    return place.text, place.blob


def _same_blob(place: Place) -> Hashable:
    return place.blob


def _same_name(place: Place) -> Hashable:
    return place.text, place.path.rpartition("/")[2]


def _same_text(place: Place) -> Hashable:
    return place.text


LINES: tuple[_Key, ...] = (_same_place, _same_content, _same_name, _same_text)
"""Keys for lines: the same line in the same path, then moves: with the unchanged file, to a file
of the same name, to any file."""

FILES: tuple[_Key, ...] = (_same_place, _same_blob, _same_text)
"""Keys for whole files, whose text is their name: the same path, then the same content under
another name, then the same name in another folder."""


def pair(old: Sequence[Place], new: Sequence[Place], keys: Sequence[_Key] = LINES) -> Pairing:
    """Pair the places of one rule in the paths that a commit changed.

    Each key pairs what earlier keys did not. Places with the same value of the key are paired in
    order: the first old place with the first new one, and so on.

    Args:
        old: places before the commit, in order of path and position.
        new: places after it, in the same order.
        keys: functions whose value two places must share to be paired, the strictest first.
    """
    kept: list[tuple[int, int]] = []
    old_left: Sequence[int] = range(len(old))
    new_left: Sequence[int] = range(len(new))
    for key in keys:
        if not old_left or not new_left:
            break
        by_key: dict[Hashable, list[int]] = defaultdict(list)
        for index in reversed(old_left):
            by_key[key(old[index])].append(index)
        unpaired = []
        for index in new_left:
            candidates = by_key.get(key(new[index]))
            if candidates:
                kept.append((candidates.pop(), index))
            else:
                unpaired.append(index)
        new_left = unpaired
        old_left = sorted(index for group in by_key.values() for index in group)
    return Pairing(tuple(sorted(kept)), tuple(old_left), tuple(new_left))
