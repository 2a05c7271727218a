"""Backtest the health of campaigns: `python -m benchmarks.forecast.colours`.

The program determines the health in every twelfth week of the migrations of migrations.toml, as if
they were due 13, 26 or 52 weeks later. It prints how often each health was right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmarks.forecast.judge import table
from benchmarks.forecast.migrations import Migration, migrations
from headway.metrics.serialize import percent
from headway.progress.forecast import forecast
from headway.progress.health import outlook
from headway.progress.weekly_history import WEEK, History

EVERY = 12
DUE = (13, 26, 52)
HEALTHS = ("on track", "at risk", "off track")
HEAD = ("due in", "health", "weeks", "due date met")


def main() -> None:
    """Print the table."""
    print("\n".join(table(HEAD, rows())))


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each due date and health."""
    found = migrations()
    for due in DUE:
        counts: Counter[tuple[str, bool]] = Counter()
        for migration in found:
            counts.update(outcomes(migration, due))
        for health in HEALTHS:
            met, missed = counts[health, True], counts[health, False]
            share = met / (met + missed) if met + missed else None
            yield f"{due} weeks", health, str(met + missed), percent(share)


def outcomes(migration: Migration, due: int) -> Iterator[tuple[str, bool]]:
    """Yield the health in past weeks, and whether the due date was met.

    Weeks without a forecast and weeks whose outcome is unknown are left out.
    """
    weeks = migration.history.weeks
    whole = History(migration.history.last, (weeks,), (sum(migration.history.before),))
    for number in range(1, len(weeks), EVERY):
        ahead = len(weeks) - number
        if not migration.finished and ahead < due:
            continue
        past = whole.until(number)
        found = forecast(past, due=past.last + WEEK * due, residual=migration.residual, fan=False)
        if found.chance is not None:
            pace = max(found.pace_seen, found.pace_year)
            health = outlook(found.chance, pace, found.pace_needed)
            yield health, migration.finished and ahead <= due


if __name__ == "__main__":
    main()
