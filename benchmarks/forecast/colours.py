"""Backtest the health of campaigns: `python -m benchmarks.forecast.colours`.

The program determines the health of each migration in every twelfth week, as if the migration were
due 13, 26 or 52 weeks later. For each health, it prints the share of due dates that were met: once
for the two thirds of the migrations on which the limits of the health were chosen, and once for the
third that is held out. All migrations have the same weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from benchmarks.forecast.judge import table
from benchmarks.forecast.migrations import Migration, record
from benchmarks.forecast.situations import EVERY, Situation, situations
from headway.metrics.serialize import percent
from headway.progress.forecast import PACE_WEEKS, YEAR_WEEKS
from headway.progress.forecast_model import predict
from headway.progress.health import outlook

WEEKS = 12
"""The number of weeks between forecasts."""
DUE = (13, 26, 52)
HEALTHS = ("on track", "at risk", "off track")
HEAD = ("due in", "health", "weeks", "met", "weeks (held out)", "met (held out)")


class Outcome(NamedTuple):
    """The health in one week, and whether the due date was met."""

    migration: str
    due: int
    """The number of weeks until the due date."""
    health: str
    met: bool


def main() -> None:
    """Print the table."""
    found = record()
    seen, held_out = (
        list(outcomes(migration for migration in found if migration.held_out is part))
        for part in (False, True)
    )
    rows = (
        (f"{due} weeks", health, *cells(seen, due, health), *cells(held_out, due, health))
        for due in DUE
        for health in HEALTHS
    )
    print("\n".join(table(HEAD, rows)))


def outcomes(migrations: Iterable[Migration]) -> Iterator[Outcome]:
    """Yield the health in past weeks for each due date whose outcome is known."""
    for situation in situations(migrations):
        if (situation.number - 1) % WEEKS >= EVERY:
            continue
        finished, finish = situation.migration.finished, situation.finish
        for due in DUE:
            if finished or finish >= due:
                health = health_of(situation, due)
                yield Outcome(situation.migration.id, due, health, finished and finish <= due)


def health_of(situation: Situation, due: int) -> str:
    """Return the health of a migration that is due in this number of weeks."""
    weeks = situation.history.weeks
    year = weeks[-YEAR_WEEKS:]
    recent = sum(week.fixed for week in weeks[-PACE_WEEKS:]) / PACE_WEEKS
    pace = max(recent, sum(week.fixed for week in year) / len(year))
    needed = situation.left / due + sum(week.opened for week in weeks) / len(weeks)
    return outlook(predict(situation.features).chance(due), pace, needed)


def cells(found: Iterable[Outcome], due: int, health: str) -> tuple[str, str]:
    """Return the number of weeks with a health, and the share of due dates that were met."""
    of_due = [outcome for outcome in found if outcome.due == due]
    counts = Counter(outcome.migration for outcome in of_due)
    chosen = [outcome for outcome in of_due if outcome.health == health]
    total = sum(1 / counts[outcome.migration] for outcome in chosen)
    met = sum(outcome.met / counts[outcome.migration] for outcome in chosen)
    return str(len(chosen)), percent(met / total if total else None)


if __name__ == "__main__":
    main()
