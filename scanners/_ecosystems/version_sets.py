"""Sets of versions, as intervals over the ordered keys of an ecosystem's versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

_Cut = tuple[Any, bool]
"""A point between versions: just before a key, or just after it if the second value is true."""


@dataclass(frozen=True, slots=True)
class VersionSet:
    """A set of versions; all keys must be comparable with each other.

    Between two different keys there is always room for another version, so the set of versions
    between 1.0 and 1.1 is not empty.
    """

    _begins_inside: bool
    """Whether the set contains the versions before the first cut."""
    _cuts: tuple[_Cut, ...]
    """In ascending order. The cuts lead into the set and out of it alternately."""

    def contains(self, key: Any) -> bool:
        """Return whether the version with this key is in the set."""
        inside = self._begins_inside
        for cut_key, after in self._cuts:
            if key < cut_key or (after and not cut_key < key):
                break
            inside = not inside
        return inside

    def union(self, other: VersionSet) -> VersionSet:
        """Return the versions that are in one of the two sets or in both."""
        return _combined(self, other, lambda left, right: left or right)

    def intersection(self, other: VersionSet) -> VersionSet:
        """Return the versions that are in both sets."""
        return _combined(self, other, lambda left, right: left and right)

    def complement(self) -> VersionSet:
        """Return the versions that are not in the set."""
        return VersionSet(not self._begins_inside, self._cuts)

    @property
    def is_empty(self) -> bool:
        """Whether no version is in the set."""
        return not self._begins_inside and not self._cuts

    @property
    def is_all(self) -> bool:
        """Whether every version is in the set."""
        return self._begins_inside and not self._cuts

    def is_subset(self, other: VersionSet) -> bool:
        """Return whether every version of this set is also in the other set."""
        return self.intersection(other.complement()).is_empty


ALL = VersionSet(True, ())
NONE = VersionSet(False, ())


def at_least(key: Any) -> VersionSet:
    """Return the versions from a key on, including the key."""
    return VersionSet(False, ((key, False),))


def above(key: Any) -> VersionSet:
    """Return the versions after a key, excluding the key."""
    return VersionSet(False, ((key, True),))


def at_most(key: Any) -> VersionSet:
    """Return the versions up to a key, including the key."""
    return VersionSet(True, ((key, True),))


def below(key: Any) -> VersionSet:
    """Return the versions before a key, excluding the key."""
    return VersionSet(True, ((key, False),))


def exactly(key: Any) -> VersionSet:
    """Return the set of a single version."""
    return VersionSet(False, ((key, False), (key, True)))


def between(first: Any, end: Any) -> VersionSet:
    """Return the versions from `first` (inclusive) to `end` (exclusive)."""
    return VersionSet(False, ((first, False), (end, False))) if first < end else NONE


def union(sets: Iterable[VersionSet]) -> VersionSet:
    """Return the versions that are in any of the sets."""
    return reduce(VersionSet.union, sets, NONE)


def intersection(sets: Iterable[VersionSet]) -> VersionSet:
    """Return the versions that are in all of the sets; all versions if there is no set."""
    return reduce(VersionSet.intersection, sets, ALL)


def _combined(
    left: VersionSet, right: VersionSet, rule: Callable[[bool, bool], bool]
) -> VersionSet:
    """Walk along the cuts of both sets, and keep those at which the result of `rule` changes."""
    in_left, in_right = left._begins_inside, right._begins_inside
    begins_inside = inside = rule(in_left, in_right)
    cuts: list[_Cut] = []
    left_cuts, right_cuts = left._cuts, right._cuts
    at_left = at_right = 0
    while at_left < len(left_cuts) or at_right < len(right_cuts):
        order = _order(left_cuts, at_left, right_cuts, at_right)
        cut = left_cuts[at_left] if order <= 0 else right_cuts[at_right]
        if order <= 0:
            in_left, at_left = not in_left, at_left + 1
        if order >= 0:
            in_right, at_right = not in_right, at_right + 1
        if rule(in_left, in_right) != inside:
            inside = not inside
            cuts.append(cut)
    return VersionSet(begins_inside, tuple(cuts))


def _order(left: tuple[_Cut, ...], at_left: int, right: tuple[_Cut, ...], at_right: int) -> int:
    """Return -1 if the next cut of `left` comes first, 1 if that of `right` does, 0 if equal."""
    if at_left == len(left):
        return 1
    if at_right == len(right):
        return -1
    (left_key, left_after), (right_key, right_after) = left[at_left], right[at_right]
    if left_key < right_key:
        return -1
    if right_key < left_key:
        return 1
    return left_after - right_after
