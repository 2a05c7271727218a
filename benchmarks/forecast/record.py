"""Compute how accurate forecasts would have been in the past weeks of all migrations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial

from benchmarks.forecast.migrations import Migration
from headway.metrics.serialize import percent
from headway.progress.backtest import Judgement, Score, backtest, by_quarter, score
from headway.progress.forecast import METHOD, Forecast, Method, forecast
from headway.progress.weekly_history import History

Judged = dict[str, tuple[Judgement, ...]]


def judged(migrations: Iterable[Migration], method: Method = METHOD, every: int = 1) -> Judged:
    """Return the judged forecasts of completed migrations by ID, with one forecast per `every`
    weeks.
    """
    found = {}
    for migration in migrations:
        result = backtest(
            migration.history,
            residual=migration.residual,
            forecaster=partial(_forecast, method),
            every=every,
        )
        assert result is not None, migration.id
        found[migration.id] = result.judgements
    return found


def halves(judgements: Judged) -> tuple[Judged, Judged]:
    """Divide the migrations into two halves.

    Returns:
        The half on which the constants were tuned, and the half that was held out.
    """
    names = sorted(judgements)
    tuning, held_out = names[::2], names[1::2]
    return (
        {name: judgements[name] for name in tuning},
        {name: judgements[name] for name in held_out},
    )


def together(judgements: Judged) -> Score:
    """Return the score over all weeks of all migrations."""
    whole = score([judgement for group in judgements.values() for judgement in group])
    assert whole is not None
    return whole


def leave_one_out(migrations: Sequence[Migration], spreads: Sequence[float], every: int) -> Judged:
    """Judge each migration with the spread that fits all other migrations best."""
    by_spread = {
        spread: judged(migrations, Method(spread=spread), every=every) for spread in spreads
    }
    chosen = {}
    for name in (migration.id for migration in migrations):
        others = {
            spread: together({other: group for other, group in found.items() if other != name})
            for spread, found in by_spread.items()
        }
        best = min(others, key=lambda spread: abs(others[spread].high_held - 0.85))
        chosen[name] = by_spread[best][name]
    return chosen


def passed(migration: Migration, every: int = 1) -> tuple[int, int]:
    """Return the number of weeks with a forecast, and how many 85% dates have passed.

    The migration must be unfinished. An 85% date after the horizon counts as not passed.
    """
    history = migration.history
    given = passed_since = 0
    for number in range(1, len(history.weeks), every):
        known = history.until(number)
        past = forecast(known, residual=migration.residual)
        if past.reason is None:
            given += 1
            passed_since += past.p85 is not None and past.p85 < history.last
    return given, passed_since


def rows(judgements: Judged) -> list[tuple[str, Score]]:
    """Return one score for each migration with a forecast."""
    found = ((name, score(group)) for name, group in judgements.items())
    return [(name, result) for name, result in found if result is not None]


def quarters(judgements: Judged) -> list[tuple[str, Score]]:
    """Return the scores of the four quarters of the work, over all migrations."""
    parts = by_quarter(judgement for group in judgements.values() for judgement in group)
    found = ((f"up to {percent(quarter)} done", score(part)) for quarter, part in parts.items())
    return [(name, result) for name, result in found if result is not None]


def weeks(error: float) -> str:
    """Format an error in weeks for a table; `never` if the forecast has no finish date."""
    return "never" if math.isinf(error) else f"{error:.0f}"


def _forecast(method: Method, history: History, residual: int) -> Forecast:
    return forecast(history, residual=residual, method=method)
