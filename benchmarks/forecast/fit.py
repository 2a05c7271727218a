"""Fit the coefficients of the forecast: `python -m benchmarks.forecast.fit [VERSION]`.

The program uses only the training set: the two thirds of the migrations that are not held out. It
prints the CRPS and the rank correlation of each pair of candidates for the first two coefficients,
and chooses the pair with the lowest CRPS whose median rank correlation within migrations is at
least 0.55. Then it chooses how the width of the forecast changes with the age of the migration: the
pair with the lowest CRPS that gives an 85% date in at least 90% of the weeks. It also prints how
often the 85% date holds for other organisations if the upper half of the forecast is widened; see
widen.py. If VERSION is given, it writes forecast_coefficients.py.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from benchmarks.forecast.equations import Target, logistic, newton
from benchmarks.forecast.measures import LEVELS, Judged, Quality, quality
from benchmarks.forecast.migrations import record
from benchmarks.forecast.situations import Situation, situations
from benchmarks.forecast.widen import Case, as_wanted, best, held, widened
from headway.progress.forecast_coefficients import Coefficients
from headway.progress.forecast_model import Features, error_of, predicted_weeks
from headway.progress.forecast_prior import weighted_quantiles

MODULE = Path(__file__).parents[2] / "src" / "headway" / "progress" / "forecast_coefficients.py"
SHARES = (0.1, 0.2, 0.3, 0.4)
REPOSITORIES = (0.0, 0.1, 0.2, 0.3)
MINIMUM_WITHIN = 0.55
LOWER_AGES = (0.0, -0.15, -0.3, -0.45)
UPPER_AGES = (0.0, 0.1, 0.2, 0.3)
MINIMUM_GIVEN = 0.9
UNFITTED = Coefficients("", 0, 0.0, 0.0, (0.0,) * len(LEVELS), 0.0, 0.0, 0.0)


class Row(NamedTuple):
    """One week of a migration."""

    organisation: str
    migration: str
    finished: bool
    finish: int
    """The weeks until the finish, or until the end of the history."""
    number: int
    """The number of the week, counted from 1."""
    features: Features
    weight: float = 1.0
    """The weight of the week. All migrations have the same total weight."""


def main() -> None:
    """Fit the coefficients."""
    parser = argparse.ArgumentParser("python -m benchmarks.forecast.fit", description=__doc__)
    parser.add_argument("version", nargs="?")
    version = parser.parse_args().version
    found = list(rows())
    finished = weighed(row for row in found if row.finished)
    chosen = shaped_by_age(finished, shaped_by_rest(finished))
    result = fitted(weighed(found), version or "", chosen)
    factor = widest(finished, chosen)
    result = result._replace(widened=factor, errors=widened(result.errors, factor))
    print(result)
    if version:
        write(result)


def shaped_by_rest(finished: Sequence[Row]) -> Coefficients:
    """Choose the coefficients for the remaining work, and print the candidates."""
    age = sum(row.weight * row.features.age for row in finished)
    shape = UNFITTED._replace(typical_age=round(age / sum(row.weight for row in finished), 3))
    shapes = [
        shape._replace(share=share, repositories=repositories)
        for share, repositories in product(SHARES, REPOSITORIES)
    ]
    tries = {shape: tried(finished, shape) for shape in shapes}
    for each, found in tries.items():
        print(
            f"share {each.share}, repositories {each.repositories}: "
            f"CRPS {found.crps_log:.3f}, within {found.within:+.2f}"
        )
    steady = [each for each, found in tries.items() if found.within >= MINIMUM_WITHIN]
    return min(steady, key=lambda each: tries[each].crps_log)


def shaped_by_age(finished: Sequence[Row], shape: Coefficients) -> Coefficients:
    """Choose the coefficients that relate width to age, and print the candidates."""
    shapes = [
        shape._replace(lower_age=lower, upper_age=upper)
        for lower, upper in product(LOWER_AGES, UPPER_AGES)
    ]
    tries = {each: tried(finished, each) for each in shapes}
    for each, found in tries.items():
        print(
            f"lower {each.lower_age}, upper {each.upper_age}: CRPS {found.crps_log:.3f}, "
            f"85% date in {found.high_given:.0%}"
        )
    given = [each for each, found in tries.items() if found.high_given >= MINIMUM_GIVEN]
    return min(given, key=lambda each: tries[each].crps_log)


def widest(finished: Sequence[Row], shape: Coefficients) -> float:
    """Return the factor by which to widen the forecast, and print how often dates held."""
    shares = held(
        [Case(row.organisation, row.finish, row.features, row.weight) for row in finished],
        with_errors(finished, shape),
    )
    for factor, found in shares.items():
        parts = sorted(found)
        print(
            f"widened {factor}: P85 held in {sum(parts) / len(parts):.1%}; in 90% of the splits, "
            f"between {parts[len(parts) // 20]:.1%} and {parts[-1 - len(parts) // 20]:.1%}; "
            f"as wanted in {as_wanted(parts):.0%}"
        )
    return best(shares)


def rows() -> Iterator[Row]:
    """Yield every fourth week of the migrations that are not held out, with the weight 1."""
    for each in situations(migration for migration in record() if not migration.held_out):
        yield row_of(each)


def row_of(situation: Situation) -> Row:
    """Return the row of a situation, with the weight 1."""
    migration = situation.migration
    return Row(
        migration.organisation,
        migration.id,
        migration.finished,
        situation.finish,
        situation.number,
        situation.features,
    )


def weighed(found: Iterator[Row] | Sequence[Row]) -> list[Row]:
    """Return the rows with weights that give all migrations the same total weight."""
    found = list(found)
    counts = Counter(row.migration for row in found)
    return [row._replace(weight=1 / counts[row.migration]) for row in found]


def tried(finished: Sequence[Row], shape: Coefficients) -> Quality:
    """Return the quality of the forecasts of finished migrations."""
    fit = with_errors(finished, shape)
    return quality(
        [
            Judged(row.migration, row.finish, True, predicted_weeks(row.features, fit))
            for row in finished
        ]
    )


def with_errors(finished: Sequence[Row], shape: Coefficients) -> Coefficients:
    """Return the coefficients with the quantiles of the errors of finished migrations."""
    centred = _quantiles(finished, shape._replace(lower_age=0.0, upper_age=0.0))
    return shape._replace(errors=_quantiles(finished, shape._replace(errors=centred)))


def _quantiles(finished: Sequence[Row], shape: Coefficients) -> tuple[float, ...]:
    return weighted_quantiles(
        (error_of(row.features, row.finish, shape), row.weight) for row in finished
    )


def fitted(found: Sequence[Row], version: str, shape: Coefficients) -> Coefficients:
    """Return all coefficients, given those that determine the shape of the forecast."""
    shape = with_errors(weighed(row for row in found if row.finished), shape)
    stall = [0.0, 0.0, 0.0]
    cases = [
        (
            (1.0, row.features.slowness, row.features.age),
            1.0
            if row.finished
            else 1 - bisect_right(shape.errors, error_of(row.features, row.finish, shape)) / 100,
            row.finished,
            row.weight,
        )
        for row in found
    ]
    for _ in range(200):
        # Expectation step: compute the probability that a row's migration has stalled.
        targets: list[Target] = []
        for values, unfinished, finished, weight in cases:
            chance = logistic(stall, values)
            target = 0.0 if finished else chance / (chance + (1 - chance) * unfinished)
            targets.append((values, target, weight))
        before, stall = stall, newton(stall, targets)
        if max(abs(a - b) for a, b in zip(before, stall, strict=True)) < 1e-3:
            break
    names = len({row.migration for row in found})
    constant, slowness, age = (round(value, 3) for value in stall)
    return shape._replace(
        version=version,
        migrations=names,
        stall=constant,
        stall_slowness=slowness,
        stall_age=age,
    )


def write(result: Coefficients) -> None:
    """Write the coefficients into the module that the forecast imports."""
    text = MODULE.read_text("utf-8")
    head = text[: text.index("COEFFICIENTS = ")]
    fields = [f"    {name}={value!r}," for name, value in result._asdict().items()]
    fields = [line for line in fields if not line.startswith(("    errors=", "    own="))]
    errors = ["    errors=(", *(f"        {error}," for error in result.errors), "    ),"]
    body = "\n".join(["COEFFICIENTS = Coefficients(", *fields, *errors, ")", ""])
    MODULE.write_text(head + body.replace("'", '"'), "utf-8")


if __name__ == "__main__":
    main()
