"""Which match of a commit is which match of its parent: identity is content, not a line number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """Where a match is, as far as its identity goes.

    text: the matched line with white space folded. blob: id of the content it was found in.
    """

    path: str
    text: str
    blob: str


class Pairing(NamedTuple):
    """Indices into the old and the new places; every index occurs exactly once.

    kept: (old, new), the same item before and after. gone: old ones that are no more. come: new
    ones that were not there. All in rising order of their first index.
    """

    kept: tuple[tuple[int, int], ...]
    gone: tuple[int, ...]
    come: tuple[int, ...]


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
"""For lines: the same line of the same path; else a move, likeliest first: the whole file
unchanged, a file of the same name, any file."""

FILES: tuple[_Key, ...] = (_same_place, _same_blob, _same_text)
"""For whole files, whose text is their name: the same path; else the same content under another
name; else the same name elsewhere."""


def pair(old: Sequence[Place], new: Sequence[Place], keys: Sequence[_Key] = LINES) -> Pairing:
    """Pairs the places of one rule in the paths that one commit changed, before and after.

    Both sequences are in order of path and position. Each key in turn pairs what the ones before
    it left over: the first old place of a group with the first new one, the second with the
    second. So the number of places kept does not depend on the order of the keys' refinements,
    only which is called moved and which fixed.
    """
    kept: list[tuple[int, int]] = []
    left: Sequence[int] = range(len(old))
    came: Sequence[int] = range(len(new))
    for key in keys:
        if not left or not came:
            break
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for index in reversed(left):
            waiting[key(old[index])].append(index)
        unpaired = []
        for index in came:
            candidates = waiting.get(key(new[index]))
            if candidates:
                kept.append((candidates.pop(), index))
            else:
                unpaired.append(index)
        came = unpaired
        left = sorted(index for group in waiting.values() for index in group)
    return Pairing(tuple(sorted(kept)), tuple(left), tuple(came))
