"""Searching small files as a batch finds the same matches as searching each file alone."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.scan import batch_search
from headway.scan.batch_search import BatchSearch, Key
from headway.scan.matching import Hits
from tests.scan.test_incremental_match import PATTERNS, contents, matcher, ordered


@settings(deadline=None)
@given(st.lists(contents.filter(bool), max_size=6), st.sampled_from([1, 10_000, 1 << 16]))
def test_a_batch_gives_each_file_the_matches_that_it_has_alone(
    files: list[bytes], batch_bytes: int
) -> None:
    rules = matcher()
    all_rules = (1 << len(PATTERNS)) - 1
    found: dict[Key, Hits] = {}
    expected = {}
    with patch.object(batch_search, "_BATCH_BYTES", batch_bytes):
        batch = BatchSearch(rules, lambda key, _, hits: found.update({key: ordered(hits)}))
        for number, content in enumerate(files):
            # Every third file is searched with fewer rules.
            file_rules = all_rules if number % 3 else 0b101
            if batch.take((str(number), ""), file_rules, content):
                expected[str(number), ""] = ordered(rules.find(file_rules, "", content))
        batch.search()
    # Files without matches are reported too, so that they are not searched again.
    assert found == expected


def test_files_that_cannot_be_searched_by_line_are_not_taken() -> None:
    spanning = matcher("span-lines")
    batch = BatchSearch(spanning, lambda *_: None)
    assert not batch.take(("1", ""), 0b1, b"six\n")
    assert batch.take(("1", ""), 0b10, b"import six\n")
    # Invalid UTF-8 may change how the whole file is decoded.
    assert not batch.take(("2", ""), 0b10, b"caf\xe9 six\n")
