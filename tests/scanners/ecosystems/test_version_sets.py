"""Operations on sets of versions agree with the same operations on individual versions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanners._ecosystems.version_sets import (
    ALL,
    NONE,
    VersionSet,
    above,
    at_least,
    at_most,
    below,
    between,
    exactly,
    intersection,
    union,
)

# Sets are built from even keys, so that there is an odd key between any two.
KEYS = st.integers(0, 6).map(lambda number: 2 * number)
EVERYWHERE = range(-1, 14)

SETS = st.recursive(
    st.one_of(
        st.sampled_from([ALL, NONE]),
        KEYS.map(at_least),
        KEYS.map(above),
        KEYS.map(at_most),
        KEYS.map(below),
        KEYS.map(exactly),
        st.builds(between, KEYS, KEYS),
    ),
    lambda sets: st.one_of(
        st.builds(VersionSet.union, sets, sets),
        st.builds(VersionSet.intersection, sets, sets),
        st.builds(VersionSet.complement, sets),
    ),
    max_leaves=8,
)


def members(versions: VersionSet) -> set[int]:
    return {key for key in EVERYWHERE if versions.contains(key)}


@given(KEYS, KEYS)
def test_simple_sets_hold_the_versions_of_their_comparison(first: int, end: int) -> None:
    assert members(at_least(first)) == {key for key in EVERYWHERE if key >= first}
    assert members(above(first)) == {key for key in EVERYWHERE if key > first}
    assert members(at_most(first)) == {key for key in EVERYWHERE if key <= first}
    assert members(below(first)) == {key for key in EVERYWHERE if key < first}
    assert members(exactly(first)) == {first}
    assert members(between(first, end)) == {key for key in EVERYWHERE if first <= key < end}


@given(SETS, SETS)
def test_operations_agree_with_those_on_single_versions(
    left: VersionSet, right: VersionSet
) -> None:
    assert members(left.union(right)) == members(left) | members(right)
    assert members(left.intersection(right)) == members(left) & members(right)
    assert members(left.complement()) == set(EVERYWHERE) - members(left)
    assert left.is_subset(right) == (members(left) <= members(right))


@given(SETS, SETS)
def test_equal_sets_have_one_form(left: VersionSet, right: VersionSet) -> None:
    assert (left == right) == (members(left) == members(right))
    assert left.is_empty == (not members(left))
    assert left.is_all == (members(left) == set(EVERYWHERE))


@given(st.lists(SETS, max_size=4))
def test_many_sets_are_combined(sets: list[VersionSet]) -> None:
    assert members(union(sets)) == set().union(*map(members, sets))
    assert members(intersection(sets)) == set(EVERYWHERE).intersection(*map(members, sets))


def test_there_is_room_between_two_versions() -> None:
    assert not above((1, 0)).intersection(below((1, 1))).is_empty
