"""Update the tables of docs/forecast.md: `python -m benchmarks.forecast [--leave-one-out]`."""

from __future__ import annotations

import sys

from benchmarks.forecast.migrations import migrations
from benchmarks.forecast.page import update_page
from benchmarks.forecast.record import leave_one_out, together

SPREADS = (0.9, 1.0, 1.1, 1.2, 1.3)


def main() -> None:
    if "--leave-one-out" in sys.argv:
        completed = [migration for migration in migrations() if migration.finished]
        result = together(leave_one_out(completed, SPREADS, every=3))
        held = f"85% held in {result.high_held:.1%}"
        print(f"{result.weeks} weeks: {held}, 50% error {result.error}")
        return
    update_page()


main()
