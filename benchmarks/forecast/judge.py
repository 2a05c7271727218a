"""Judge forecasts on public migrations: `python -m benchmarks.forecast.judge [--kept-out]`.

The program makes a forecast in every fourth week of every migration with each method, and prints how
good these forecasts were. Methods are fitted on two thirds of the migrations, and by default judged
on the same two thirds. With --kept-out, they are judged on the third that was kept out of every
choice.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence

from benchmarks.forecast.measures import HORIZONS, Judged, chances, overdue, quality
from benchmarks.forecast.methods import METHODS, Situation
from benchmarks.forecast.migrations import Migration, record
from headway.metrics.serialize import percent
from headway.progress.weekly_history import History

EVERY = 4
"""Every fourth week is judged."""

HEAD = (
    "method",
    "P50 held",
    "P85 held",
    "no date",
    "CRPS of log",
    "CRPS, weeks",
    "pinball",
    "rank",
    "rank within",
    "unfinished: P85 passed",
)
CHANCE_HEAD = ("method", *(f"{name} {weeks}" for weeks in HORIZONS for name in ("AUC", "Brier")))


def main() -> None:
    """Print the tables of the requested methods; by default, of all methods."""
    parser = argparse.ArgumentParser("python -m benchmarks.forecast.judge", description=__doc__)
    parser.add_argument("--kept-out", action="store_true")
    parser.add_argument("methods", nargs="*", metavar="METHOD", choices=[*METHODS, []])
    options = parser.parse_args()
    found = record()
    fitted_on = list(situations(migration for migration in found if not migration.kept_out))
    judged_on = fitted_on
    if options.kept_out:
        judged_on = list(situations(migration for migration in found if migration.kept_out))
    judged = {
        name: judge(METHODS[name](fitted_on), judged_on) for name in options.methods or METHODS
    }
    print(summary(judged_on))
    for by_week in (False, True):
        print("\nWeeks weighed equally:\n" if by_week else "\nMigrations weighed equally:\n")
        print(table(HEAD, (_cells(name, group, by_week) for name, group in judged.items())))
        print()
        print(table(CHANCE_HEAD, _chance_rows(judged, by_week)))


def situations(migrations: Iterable[Migration], every: int = EVERY) -> Iterator[Situation]:
    """Yield what is known in every fourth week of each migration."""
    for migration in migrations:
        history = migration.history
        weeks = history.weeks
        whole = History(history.last, (weeks,), (sum(history.before),))
        for number in range(1, len(weeks), every):
            if weeks[number - 1].open > migration.residual:
                yield Situation(
                    migration.id,
                    history.until(number),
                    whole.until(number),
                    migration.residual,
                    len(weeks) - number,
                    migration.finished,
                )


def judge(method: Method, judged_on: Iterable[Situation]) -> list[Judged]:
    """Return the forecast of a method in each situation."""
    return [
        Judged(each.migration, each.finish, each.finished, method(each)) for each in judged_on
    ]
