"""Ranges of Python versions agree with `packaging`, and Poetry's operators with its manual."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from scanners._ecosystems.pypi.versions import key, versions

NUMBERS = st.integers(0, 3).map(str)
RELEASES = st.lists(NUMBERS, min_size=1, max_size=3).map(".".join)
SUFFIXES = st.tuples(
    st.sampled_from(["", "", "", "a1", "b0", "rc2", "-alpha.1", "c1"]),
    st.sampled_from(["", "", "", ".post0", ".post1", "-2", "rev"]),
    st.sampled_from(["", "", ".dev0", ".dev1", "dev"]),
)
EPOCHS = st.sampled_from(["", "", "", "1!", "v"])
PUBLIC = st.tuples(EPOCHS, RELEASES, SUFFIXES.map("".join)).map("".join)
LOCALS = st.sampled_from(["", "", "", "+ubuntu.1", "+1", "+Abc"])
ANY_VERSION = st.tuples(PUBLIC, LOCALS).map("".join)
CLAUSES = st.one_of(
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "~=", "==", "!="]), PUBLIC).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), ANY_VERSION).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), EPOCHS, RELEASES, st.just(".*")).map("".join),
)


@settings(deadline=None)
@given(ANY_VERSION, ANY_VERSION)
def test_versions_are_ordered_as_packaging_orders_them(left: str, right: str) -> None:
    assert (key(left) < key(right)) == (Version(left) < Version(right))
    assert (key(left) == key(right)) == (Version(left) == Version(right))


@settings(deadline=None, max_examples=500)
@given(st.lists(CLAUSES, max_size=3).map(", ".join), ANY_VERSION)
def test_ranges_contain_what_packaging_says(constraint: str, version: str) -> None:
    try:
        expected = SpecifierSet(constraint).contains(version, prereleases=True)
    except InvalidSpecifier:
        with pytest.raises(ValueError, match="is not a valid version range of a Python package"):
            versions(constraint)
        return
    assert versions(constraint).contains(key(version)) == expected


@given(st.text(alphabet="0123.abcrpostdev-_+!v ", max_size=12))
def test_versions_are_those_that_packaging_accepts(text: str) -> None:
    try:
        Version(text)
    except InvalidVersion:
        with pytest.raises(ValueError, match="is not a valid version of a Python package"):
            key(text)
    else:
        key(text)


@pytest.mark.parametrize(
    ("constraint", "contained", "excluded"),
    [
        # The examples are those of Poetry's manual.
        ("^1.2.3", ["1.2.3", "1.9"], ["1.2.2", "2.0.0a1", "2.0.0"]),
        ("^1.2", ["1.2.0", "1.99"], ["1.1", "2.0"]),
        ("^1", ["1.0.0", "1.99"], ["2.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]),
        ("^0", ["0.0.0", "0.9"], ["1.0.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("~1", ["1.0.0", "1.9"], ["2.0.0"]),
        ("*", ["0", "9"], []),
        ("1.*", ["1.0.0", "1.9"], ["2.0.0", "0.9"]),
        ("1.2.*", ["1.2.0"], ["1.3.0"]),
        (">=1.2,<1.5 || ^2.0", ["1.4", "2.5"], ["1.5", "3.0"]),
        ("1.2", ["1.2.0"], ["1.2.1"]),
        (">=1.0 <2.0", ["1.5"], ["2.0", "0.9"]),
        ("(>=1.0)", ["1.0"], ["0.9"]),
        ("===1.16.0", ["1.16.0"], ["1.16.1"]),
        ("", ["0", "2.0.dev1"], []),
    ],
)
def test_other_ranges(constraint: str, contained: list[str], excluded: list[str]) -> None:
    found = versions(constraint)
    assert [version for version in contained if not found.contains(key(version))] == []
    assert [version for version in excluded if found.contains(key(version))] == []


@pytest.mark.parametrize("constraint", ["@ git+https://host/six.git", "latest", ">=", ">={…}"])
def test_what_is_no_range(constraint: str) -> None:
    with pytest.raises(ValueError, match="is not a valid version range of a Python package"):
        versions(constraint)
