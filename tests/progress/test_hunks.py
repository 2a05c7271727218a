"""Hunks describe exactly how the old version of a file differs from the new version."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from headway.progress.hunks import Hunk, HunkIndex, hunks

texts = st.lists(st.sampled_from([b"a", b"b", b"c", b"d", b""]), max_size=14)


@given(texts, texts)
def test_replacing_the_hunks_turns_the_old_version_into_the_new_one(
    old: list[bytes], new: list[bytes]
) -> None:
    built: list[bytes] = []
    at = 0
    for hunk in hunks(old, new):
        built += old[at : hunk.old_start]
        assert len(built) == hunk.new_start
        built += new[hunk.new_start : hunk.new_end]
        at = hunk.old_end
    assert built + old[at:] == new


@given(texts, texts)
def test_an_unchanged_line_separates_every_two_hunks(old: list[bytes], new: list[bytes]) -> None:
    found = hunks(old, new)
    for before, after in pairwise(found):
        assert before.old_end < after.old_start
        assert before.new_end < after.new_start


@given(texts, texts)
def test_every_changed_line_has_its_hunk(old: list[bytes], new: list[bytes]) -> None:
    found = hunks(old, new)
    index = HunkIndex(found)
    for line in range(len(old)):
        expected = [n for n, h in enumerate(found) if h.old_start <= line < h.old_end]
        assert index.of_old(line) == (expected[0] if expected else None)
        same = index.unchanged(line + 1)
        assert (same is None) == bool(expected)
        assert same is None or new[same - 1] == old[line]
    for line in range(len(new)):
        expected = [n for n, h in enumerate(found) if h.new_start <= line < h.new_end]
        assert index.of_new(line) == (expected[0] if expected else None)


def test_two_changes_with_a_line_between_them_are_two_hunks() -> None:
    assert hunks([b"a", b"x", b"b"], [b"c", b"x", b"d"]) == [Hunk(0, 1, 0, 1), Hunk(2, 3, 2, 3)]


def test_a_line_that_occurs_once_is_found_after_a_long_insertion() -> None:
    old = [b"start", b"a", b"end"]
    new = [b"start", *[b"%d" % number for number in range(5000)], b"b", b"end"]
    assert hunks(old, new) == [Hunk(1, 2, 1, 5002)]


def test_two_long_versions_without_a_common_unique_line_are_one_hunk() -> None:
    old, new = [b"a", b"x"] * 400 + [b"1"], [b"x", b"b"] * 400 + [b"2"]
    assert hunks(old, new) == [Hunk(0, len(old), 0, len(new))]
