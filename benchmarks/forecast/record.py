"""The track record: forecasts of every past week of every migration, summed up."""

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
    """What was said in every week, or each `every`th, of each finished migration, by its id."""
    found = {}
    for migration in migrations:
        told = backtest(
            migration.history,
            residual=migration.residual,
            forecaster=partial(_said, method),
            every=every,
        )
        assert told is not None, migration.id
        found[migration.id] = told.judgements
    return found


def halves(judgements: Judged) -> tuple[Judged, Judged]:
    """Every other migration by id: those that constants were settled on, and those held out."""
    names = sorted(judgements)
    settled, held_out = names[::2], names[1::2]
    return (
        {name: judgements[name] for name in settled},
        {name: judgements[name] for name in held_out},
    )


def together(judgements: Judged) -> Score:
    """The weeks of all of them."""
    whole = score([each for its in judgements.values() for each in its])
    assert whole is not None
    return whole


def leave_one_out(migrations: Sequence[Migration], spreads: Sequence[float], every: int) -> Judged:
    """Each migration judged with the spread that holds best on all others."""
    by_spread = {
        spread: judged(migrations, Method(spread=spread), every=every) for spread in spreads
    }
    chosen = {}
    for name in (migration.id for migration in migrations):
        others = {
            spread: together({id_: its for id_, its in found.items() if id_ != name})
            for spread, found in by_spread.items()
        }
        best = min(others, key=lambda spread: abs(others[spread].high_held - 0.85))
        chosen[name] = by_spread[best][name]
    return chosen


def passed(migration: Migration, every: int = 1) -> tuple[int, int]:
    """Of a migration that is not over: in how many weeks was a 85 % day given, or said to be
    beyond the horizon, and in how many of them has that day gone by since.
    """
    history = migration.history
    given = gone = 0
    for number in range(1, len(history.weeks), every):
        known = history.until(number)
        said = forecast(known, residual=migration.residual)
        if said.reason is None:
            given += 1
            gone += said.p85 is not None and said.p85 < history.last
    return given, gone


def rows(judgements: Judged) -> list[tuple[str, Score]]:
    """One score for each migration that ever had a forecast."""
    found = ((name, score(its)) for name, its in judgements.items())
    return [(name, its) for name, its in found if its is not None]


def quarters(judgements: Judged) -> list[tuple[str, Score]]:
    """One score for each quarter of the work."""
    parted = by_quarter(each for its in judgements.values() for each in its)
    found = ((f"up to {percent(quarter)} done", score(its)) for quarter, its in parted.items())
    return [(name, its) for name, its in found if its is not None]


def weeks(error: float) -> str:
    """An error as a table shows it."""
    return "never" if math.isinf(error) else f"{error:.0f}"


def _said(method: Method, history: History, residual: int) -> Forecast:
    return forecast(history, residual=residual, method=method)
