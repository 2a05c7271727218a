"""Searching small files together gives what searching each of them gives."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.scan import batch_search as heap
from headway.scan.batch_search import BatchSearch, Key
from headway.scan.matching import Hits
from tests.scan.test_incremental_match import PATTERNS, contents, matcher, ordered


@settings(deadline=None)
@given(st.lists(contents.filter(bool), max_size=6), st.sampled_from([1, 10_000, 1 << 16]))
def test_each_file_gives_what_it_gives_alone(files: list[bytes], enough: int) -> None:
    rules = matcher()
    mask = (1 << len(PATTERNS)) - 1
    found: dict[Key, Hits] = {}
    expected = {}
    with patch.object(heap, "_BATCH_BYTES", enough):
        together = BatchSearch(rules, lambda key, _, hits: found.update({key: ordered(hits)}))
        for number, content in enumerate(files):
            # some are asked for fewer rules than others
            its_mask = mask if number % 3 else 0b101
            if together.take((str(number), ""), its_mask, content):
                expected[str(number), ""] = ordered(rules.find(its_mask, "", content))
        together.search()
    # those without a hit are told of too: they are done
    assert found == expected


def test_what_depends_on_more_than_a_line_is_not_taken() -> None:
    spanning = matcher("span-lines")
    together = BatchSearch(spanning, lambda *_: None)
    assert not together.take(("1", ""), 0b1, b"six\n")
    assert together.take(("1", ""), 0b10, b"import six\n")
    # how the rest of such a file is read may depend on what is not valid in it
    assert not together.take(("2", ""), 0b10, b"caf\xe9 six\n")
