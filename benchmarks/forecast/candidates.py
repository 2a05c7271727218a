"""Compare forecast candidates: `python -m benchmarks.forecast.candidates [NAME...]`.

The candidates are cross-validated on the organisations that are not held out: in each of five
rounds, every candidate is fitted on four fifths of the organisations and judged on the remaining
fifth. Forecasts are made in every twelfth week. The tables are those of judge.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from random import Random

from benchmarks.forecast.candidate_events import events
from benchmarks.forecast.candidate_regressions import (
    calibrated_by_age,
    linear,
    quantile_regression,
)
from benchmarks.forecast.candidate_survival import survival
from benchmarks.forecast.fit import fitted, row_of, weighed
from benchmarks.forecast.judge import judge, tables
from benchmarks.forecast.measures import LEVELS, Judged
from benchmarks.forecast.methods import METHODS, Method, Stated, scaled
from benchmarks.forecast.migrations import record
from benchmarks.forecast.situations import Situation, situations
from benchmarks.forecast.widen import widened
from headway.progress.forecast_coefficients import COEFFICIENTS, Coefficients
from headway.progress.forecast_model import predict

FOLDS = 5
WEEKS = 12
"""The number of weeks between forecasts."""

Fit = Callable[[Sequence[Situation]], Method]


def model(fitted_on: Sequence[Situation], shape: Coefficients = COEFFICIENTS) -> Method:
    """Return the shipped model, with its errors and stalls fitted again."""
    found = fitted(weighed([row_of(each) for each in fitted_on]), "", shape)
    found = found._replace(errors=widened(found.errors, shape.widened))

    def stated(situation: Situation) -> Stated:
        prediction = predict(situation.features, found)
        return Stated(prediction.weeks, prediction.stall)

    return stated


def same_width(fitted_on: Sequence[Situation]) -> Method:
    """Return the model with a forecast width that does not depend on the migration's age."""
    return model(fitted_on, COEFFICIENTS._replace(lower_age=0.0, upper_age=0.0))


def without_stalls(fit: Fit) -> Fit:
    """Return a candidate without its probability of stalling."""

    def fit_anew(fitted_on: Sequence[Situation]) -> Method:
        method = fit(fitted_on)
        return lambda situation: Stated(method(situation).weeks)

    return fit_anew


def recalibrated(fit: Fit) -> Fit:
    """Return a candidate that multiplies the median by the quantiles of its past errors."""

    def fit_anew(fitted_on: Sequence[Situation]) -> Method:
        method = fit(fitted_on)
        return scaled(lambda each: method(each).weeks[LEVELS.index(0.5)], fitted_on)

    return fit_anew


CANDIDATES: dict[str, Fit] = {
    **{name: fit for name, fit in METHODS.items() if name != "model"},
    "survival by repository": survival,
    "survival, calibrated": recalibrated(survival),
    "gamma-Poisson with bursts": events,
    "gamma-Poisson, calibrated": recalibrated(events),
    "quantile regression": quantile_regression,
    "linear with age and pace": linear,
    "calibrated by age": calibrated_by_age,
    "mixture, the same width at any age": same_width,
    "model, without stalls": without_stalls(model),
    "model": model,
}


def main() -> None:
    """Print the tables of the requested candidates; by default, of all of them."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.forecast.candidates", description=__doc__
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names or list(CANDIDATES)
    found = [
        situation
        for situation in situations(each for each in record() if not each.held_out)
        if (situation.number - 1) % WEEKS == 0
    ]
    print("\n".join(tables({name: cross_validated(CANDIDATES[name], found) for name in names})))


def cross_validated(fit: Fit, found: Sequence[Situation]) -> list[Judged]:
    """Return the forecasts of a candidate for organisations on which it was not fitted."""
    fold = folds(found)
    judged = []
    for number in range(FOLDS):
        rest = [each for each in found if fold[each.migration.organisation] != number]
        part = [each for each in found if fold[each.migration.organisation] == number]
        judged += judge(fit(rest), part)
    return judged


def folds(found: Sequence[Situation]) -> Mapping[str, int]:
    """Return the fold number of each organisation."""
    names = sorted({each.migration.organisation for each in found})
    Random(16).shuffle(names)
    return {name: place % FOLDS for place, name in enumerate(names)}


if __name__ == "__main__":
    main()
