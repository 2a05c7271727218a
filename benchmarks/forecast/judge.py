"""Judge forecasts on public migrations: `python -m benchmarks.forecast.judge [--held-out]`.

With each method, the program makes a forecast in every fourth week of every migration. It prints
measures of the quality of these forecasts. Methods are fitted on the training set (two thirds of
the migrations) and, by default, judged on the same set. With --held-out, they are judged on the
remaining third, which was not used to choose or fit a method.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.forecast.measures import HORIZONS, Judged, chances, passed, quality
from benchmarks.forecast.methods import METHODS, Method
from benchmarks.forecast.migrations import record
from benchmarks.forecast.situations import Situation, situations
from headway.metrics.serialize import percent

DATES = (
    "method",
    "P50 held",
    "P85 held",
    "no P50",
    "no P85",
    "CRPS (log)",
    "CRPS (weeks)",
    "pinball",
    "rank",
    "rank within",
    "unfinished: P85 passed",
)
CHANCES = ("method", *(f"{name} {weeks}" for weeks in HORIZONS for name in ("AUC", "Brier")))


def main() -> None:
    """Print the tables of the requested methods; by default, of all methods."""
    parser = argparse.ArgumentParser("python -m benchmarks.forecast.judge", description=__doc__)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("methods", nargs="*", metavar="METHOD")
    options = parser.parse_args()
    found = record()
    fitted_on = list(situations(migration for migration in found if not migration.held_out))
    judged_on = (
        list(situations(migration for migration in found if migration.held_out))
        if options.held_out
        else fitted_on
    )
    names = options.methods or list(METHODS)
    print("\n".join(tables({name: judge(METHODS[name](fitted_on), judged_on) for name in names})))


def judge(method: Method, judged_on: Iterable[Situation]) -> list[Judged]:
    """Return the forecast of a method in each situation."""
    return [
        Judged(each.migration.id, each.finish, each.migration.finished, *method(each))
        for each in judged_on
    ]


def tables(judged: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    """Yield the tables: with the same weight for each migration, then for each week."""
    for by_week, title in ((False, "Every migration"), (True, "Every week")):
        yield f"\n{title} has the same weight:\n"
        yield from table(DATES, (dates_row(*pair, by_week) for pair in judged.items()))
        yield ""
        yield from table(CHANCES, (chances_row(*pair, by_week) for pair in judged.items()))


def dates_row(name: str, judged: Sequence[Judged], by_week: bool) -> tuple[str, ...]:
    """Return the cells of one method in the table of dates."""
    found = quality(judged, by_week)
    return (
        name,
        percent(found.middle_held),
        percent(found.high_held),
        percent(1 - found.middle_given),
        percent(1 - found.high_given),
        f"{found.crps_log:.3f}",
        f"{found.crps:.1f}",
        f"{found.pinball:.3f}",
        f"{found.across:+.2f}",
        f"{found.within:+.2f}",
        percent(passed(judged, by_week)),
    )


def chances_row(name: str, judged: Sequence[Judged], by_week: bool) -> tuple[str, ...]:
    """Return the cells of one method in the table of chances.

    The Brier score of the base rate is in brackets.
    """
    cells = [name]
    for weeks in HORIZONS:
        found = chances(judged, weeks, by_week)
        cells += [f"{found.auc:.2f}", f"{found.brier:.3f} ({found.base_brier:.3f})"]
    return tuple(cells)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table. All columns except the first contain numbers."""
    for cells in (head, ["---", *["---:"] * (len(head) - 1)], *rows):
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
