"""Versions are ordered as by Maven's `ComparableVersion`, and ranges agree with Maven."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners._ecosystems.maven import ECOSYSTEM
from scanners._ecosystems.version_sets import ALL

ASCENDING = (
    "1-alpha-1 1-alpha-2 1-beta 1-milestone-1 1-rc1 1-rc2 1-snapshot 1 1-sp 1-jre 1-1 1.0.1 1.1 "
    "1.2-alpha 1.2 1.9 1.10 2.0.0.RC1 2.0.0-RC2 2.0.0.Final 2.0.1 20040616"
)
"""The versions are in the order of Maven 3.8.7."""


def test_versions_are_ordered_as_by_maven() -> None:
    for earlier, later in pairwise(ASCENDING.split()):
        assert ECOSYSTEM.key(earlier) < ECOSYSTEM.key(later), (earlier, later)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0.0"),
        ("1.0", "1-ga"),
        ("1.0-FINAL", "1.0.RELEASE"),
        ("1-cr1", "1-RC1"),
        ("1a1", "1-alpha-1"),
        ("1-0.0", "1"),
    ],
)
def test_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert ECOSYSTEM.key(one) == ECOSYSTEM.key(other)


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("1.5", "1.5 1.5.0", "1.4 1.5.1 1.6"),
        ("[1.5]", "1.5", "1.4 1.6"),
        ("(,1.0]", "0.1 1.0 1.0-rc1", "1.0.1 2"),
        ("[1.2,1.3]", "1.2 1.2.9 1.3", "1.1 1.3.1"),
        ("[1.0,2.0)", "1.0 1.9.9", "0.9 2.0 2.1"),
        ("[1.5,)", "1.5 9", "1.4"),
        ("(,1.0],[1.2,)", "0.9 1.0 1.2 2", "1.1"),
        ("(,1.1),(1.1,)", "1.0 1.2", "1.1"),
        ("]1.0,2.0[", "1.5", "1.0 2.0"),
        ("1.+", "1.0 1.9", "0.9 2.0 2.0-alpha-1"),
        ("1.2.+", "1.2.0 1.2.7", "1.1 1.3"),
        ("latest.release", "1 2", ""),
        ("RELEASE", "1", ""),
        ("1.7.15!!", "1.7.15", "1.7.16"),
    ],
)
def test_ranges_contain_versions(constraint: str, inside: str, outside: str) -> None:
    versions = ECOSYSTEM.versions(constraint)
    for version in inside.split():
        assert versions.contains(ECOSYSTEM.key(version)), version
    for version in outside.split():
        assert not versions.contains(ECOSYSTEM.key(version)), version


def test_every_version_is_in_the_range_of_no_constraint() -> None:
    assert ECOSYSTEM.versions("") == ALL


@pytest.mark.parametrize("text", ["<2", "[1,2", "(1)", "[1,2,3]", "[]", "~> 1", "${a}", "x" * 300])
def test_other_texts_are_no_ranges(text: str) -> None:
    with pytest.raises(ValueError, match=r"Maven|version"):
        ECOSYSTEM.versions(text)


TOKENS = st.lists(
    st.sampled_from(["1", "0", "10", "alpha", "a", "rc", "sp", "ga", "x", ".", "-", "snapshot"]),
    max_size=8,
).map("".join)


@given(TOKENS, TOKENS, TOKENS)
def test_order_is_total(one: str, two: str, three: str) -> None:
    keys = sorted(map(ECOSYSTEM.key, (one, two, three)))
    assert not keys[1] < keys[0]
    assert not keys[2] < keys[1]
    assert (keys[0] < keys[2]) is not (keys[2] <= keys[0])
    assert not (keys[0] == keys[1] == keys[2]) or keys[0] == keys[2]


@given(st.text(max_size=40))
def test_any_text_is_a_range_or_a_value_error(text: str) -> None:
    try:
        ECOSYSTEM.versions(text)
    except ValueError:
        return
