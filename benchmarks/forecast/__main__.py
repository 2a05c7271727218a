"""Writes the tables of docs/forecast.md anew: `python -m benchmarks.forecast [--leave-one-out]`."""

from __future__ import annotations

import sys

from benchmarks.forecast.migrations import migrations
from benchmarks.forecast.page import written
from benchmarks.forecast.record import leave_one_out, together

SPREADS = (0.9, 1.0, 1.1, 1.2, 1.3)


def main() -> None:
    if "--leave-one-out" in sys.argv:
        over = [each for each in migrations() if each.finished]
        found = together(leave_one_out(over, SPREADS, every=3))
        print(f"{found.weeks} weeks: 85 % held in {found.high_held:.1%}, 50 % error {found.error}")
        return
    written()


main()
