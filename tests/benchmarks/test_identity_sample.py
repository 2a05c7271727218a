"""The table of judged pairs is large and varied enough, and contains no code."""

from __future__ import annotations

import re

from benchmarks.identity_sample import RULES, judged


def test_the_sample_is_large_and_varied_enough() -> None:
    pairs = judged()
    assert len(pairs) >= 300
    assert len({pair.repository for pair in pairs}) >= 20
    assert {pair.rule for pair in pairs} <= {rule.name for rule in RULES}
    assert len({pair.rule for pair in pairs}) >= 12
    same = sum(pair.same for pair in pairs)
    assert min(same, len(pairs) - same) >= 100


def test_no_row_contains_code() -> None:
    pairs = judged()
    assert len({pair[:5] for pair in pairs}) == len(pairs)
    for pair in pairs:
        assert re.fullmatch(r"[0-9a-f]{12}", pair.commit)
        for place in (pair.old, pair.new):
            assert re.fullmatch(r"\S+:[0-9]+", place)
