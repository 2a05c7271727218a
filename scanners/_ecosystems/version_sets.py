"""Sets of versions, stored as intervals over an ecosystem's sort keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

_Cut = tuple[Any, bool]
"""A boundary between versions: before a key, or after it if the flag is true."""


@dataclass(frozen=True, slots=True)
class VersionSet:
    """A set of versions. All sort keys must be comparable with each other.

    Another version can always exist between two different keys, so the set of versions between 1.0
    and 1.1 is not empty.
    """

    _begins_inside: bool
    """Whether the set contains the versions before the first boundary."""
    _cuts: tuple[_Cut, ...]
    """The boundaries in ascending order. They enter and leave the set alternately."""

    def contains(self, key: Any) -> bool:
        """Return whether the version with this key is in the set."""
        inside = self._begins_inside
        for cut_key, after in self._cuts:
            if key < cut_key or (after and not cut_key < key):
                break
            inside = not inside
        return inside

    def union(self, other: VersionSet) -> VersionSet:
        """Return the versions that are in either set or in both."""
        return _combined(self, other, lambda left, right: left or right)

    def intersection(self, other: VersionSet) -> VersionSet:
        """Return the versions that are in both sets."""
        return _combined(self, other, lambda left, right: left and right)

    def complement(self) -> VersionSet:
        """Return the versions that are not in the set."""
        return VersionSet(not self._begins_inside, self._cuts)

    @property
    def is_empty(self) -> bool:
        """Return whether the set is empty."""
        return not self._begins_inside and not self._cuts

    @property
    def is_all(self) -> bool:
        """Return whether the set contains every version."""
        return self._begins_inside and not self._cuts

    def is_subset(self, other: VersionSet) -> bool:
        """Return whether every version of this set is also in the other set."""
        return self.intersection(other.complement()).is_empty


ALL = VersionSet(True, ())
NONE = VersionSet(False, ())


def at_least(key: Any) -> VersionSet:
    """Return the key's version and all later versions."""
    return VersionSet(False, ((key, False),))


def above(key: Any) -> VersionSet:
    """Return the versions after a key."""
    return VersionSet(False, ((key, True),))


def at_most(key: Any) -> VersionSet:
    """Return the key's version and all earlier versions."""
    return VersionSet(True, ((key, True),))


def below(key: Any) -> VersionSet:
    """Return the versions before a key."""
    return VersionSet(True, ((key, False),))


def exactly(key: Any) -> VersionSet:
    """Return the set that contains only the version with this key."""
    return VersionSet(False, ((key, False), (key, True)))


def between(first: Any, end: Any) -> VersionSet:
    """Return the versions from `first` (inclusive) to `end` (exclusive)."""
    return VersionSet(False, ((first, False), (end, False))) if first < end else NONE


def union(sets: Iterable[VersionSet]) -> VersionSet:
    """Return the versions that are in any of the sets."""
    return reduce(VersionSet.union, sets, NONE)


def intersection(sets: Iterable[VersionSet]) -> VersionSet:
    """Return the versions that are in all of the sets, or all versions if no set is given."""
    return reduce(VersionSet.intersection, sets, ALL)


def _combined(
    left: VersionSet, right: VersionSet, rule: Callable[[bool, bool], bool]
) -> VersionSet:
    """Combine two sets: keep the boundaries at which the result of `rule` changes."""
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
    """Return -1 if the next boundary of `left` comes first, 1 if that of `right` does, else 0."""
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
