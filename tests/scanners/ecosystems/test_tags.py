"""Ranges of tags contain the tags that a reader would expect."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners._ecosystems import tags
from scanners._ecosystems.version_sets import ALL

ASCENDING = "buster focal 0.9 1.0-alpha.1 1.0-alpha.2 v1.0-rc1 1 1.0.1 1.2 1.10 3.8-slim 18-alpine"


def test_tags_are_ordered_by_their_numbers() -> None:
    for earlier, later in pairwise(ASCENDING.split()):
        assert tags.key(earlier) < tags.key(later), (earlier, later)


@pytest.mark.parametrize(
    ("one", "other"),
    [("v1.0", "1"), ("3.8-slim", "3.8-buster"), ("release/v1", "v1"), ("1_2", "1.2")],
)
def test_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert tags.key(one) == tags.key(other)


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("18", "18 18.1 18.20.3-alpine v18", "17.9 19 19-rc latest"),
        ("18-alpine", "18 18.1", "17 19"),
        ("v3.1.0", "3.1.0 3.1", "3.1.1 3"),
        ("<18", "17 17.9.1 0.1", "18 18.1 18-rc1 latest buster"),
        ("<=16", "16 16.5 15", "17 17-rc"),
        (">16", "17 18", "16 16.5"),
        (">=16", "16 17", "15 latest"),
        (">=16 <20", "16 19.9", "15 20"),
        (">=16, <20", "16 19.9", "15 20"),
        ("3.7 || 3.8", "3.7.2 3.8", "3.9 3.6"),
        ("3.x", "3 3.9", "4 2"),
        ("!=3.8", "3.9 latest", "3.8 3.8.1"),
        ("*", "1 latest", ""),
        ("buster || 10", "buster 10.1", "bullseye 11"),
        ("latest", "latest", "1 lts"),
        ("!=latest", "1 lts", "latest"),
        ("3.13-rc1", "3.13.0rc1", "3.13 3.13-rc2"),
        ("8e5e7e5", "8e5e7e5", "8"),
        ("20230101", "20230101", "20230102"),
        ("release/v1", "v1.8 release/v1", "v2"),
    ],
)
def test_ranges_contain_tags(constraint: str, inside: str, outside: str) -> None:
    versions = tags.versions(constraint)
    for tag in inside.split():
        assert versions.contains(tags.key(tag)), tag
    for tag in outside.split():
        assert not versions.contains(tags.key(tag)), tag


def test_every_tag_is_in_the_range_of_no_constraint() -> None:
    assert tags.versions("") == ALL


BAD = ["^1", "~> 1", "[1,2)", "<", "1 - 2", "<latest", "||", "${a}", ">" * 999]


@pytest.mark.parametrize("text", BAD)
def test_other_texts_are_no_ranges(text: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        tags.versions(text)


@given(st.text(max_size=40))
def test_any_text_is_a_range_or_a_value_error(text: str) -> None:
    tags.key(text)
    try:
        tags.versions(text)
    except ValueError:
        return
