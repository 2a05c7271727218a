"""The ratios in benchmarks/RESULTS.md."""

from __future__ import annotations

import pytest

from benchmarks.measure import Cost
from benchmarks.results import row


@pytest.mark.parametrize(
    ("ours", "met", "ratio"),
    [(0.85, False, "0.033 times as long"), (0.75, True, "0.029 times as long")],
)
def test_a_small_ratio_shows_whether_its_target_is_met(ours: float, met: bool, ratio: str) -> None:
    compared = row("rescan", Cost(ours, ours), "first scan", Cost(25.6, 48.1), at_most=0.03)
    assert compared.met is met
    assert compared.ratio.startswith(ratio)
