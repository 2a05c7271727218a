"""Fit the coefficients of the forecast: `python -m benchmarks.forecast.fit [VERSION]`.

The program uses only the two thirds of the migrations that are not kept out. It prints the CRPS and
the rank correlation of each pair of candidates for the first two coefficients, chooses the pair
with the lowest CRPS whose median rank correlation within migrations is at least 0.55, and prints
how often the 85% date holds for other organisations if the upper half of the forecast is widened;
see widen.py. It writes forecast_coefficients.py if VERSION is given.
"""

from __future__ import annotations

import argparse
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from benchmarks.forecast.measures import Judged, quality
from benchmarks.forecast.migrations import record
from benchmarks.forecast.situations import situations
from benchmarks.forecast.widen import Case, as_wanted, best, held, widened
from headway.progress.forecast_coefficients import Coefficients
from headway.progress.forecast_model import Features
from headway.progress.forecast_prior import weighted_quantiles

MODULE = Path(__file__).parents[2] / "src" / "headway" / "progress" / "forecast_coefficients.py"
SHARES = (0.1, 0.2, 0.3, 0.4)
REPOSITORIES = (0.0, 0.1, 0.2, 0.3)
MINIMUM_WITHIN = 0.55


class Row(NamedTuple):
    """One week of a migration."""

    organisation: str
    migration: str
    finished: bool
    finish: int
    """The weeks to the finish, or to the end of the history."""
    features: Features
    weight: float
    """The weight of the week, so that all migrations have the same weight."""


def main() -> None:
    """Fit the coefficients."""
    parser = argparse.ArgumentParser("python -m benchmarks.forecast.fit", description=__doc__)
    parser.add_argument("version", nargs="?")
    version = parser.parse_args().version
    found = list(rows())
    finished = weighed(row for row in found if row.finished)
    pairs = {pair: tried(finished, *pair) for pair in product(SHARES, REPOSITORIES)}
    for pair, (crps, within) in pairs.items():
        print(f"share {pair[0]}, repositories {pair[1]}: CRPS {crps:.3f}, within {within:+.2f}")
    steady = [pair for pair, (_, within) in pairs.items() if within >= MINIMUM_WITHIN]
    chosen = min(steady, key=lambda pair: pairs[pair][0])
    result = fitted(weighed(found), version or "", *chosen)
    factor = widest(finished, *chosen)
    result = result._replace(widened=factor, errors=widened(result.errors, factor))
    print(result)
    if version:
        write(result)


def widest(finished: Sequence[Row], share: float, repositories: float) -> float:
    """Return the factor by which to widen the forecast, and print how often dates held."""
    shares = held(
        [
            Case(row.organisation, row.finish, centre(row, share, repositories), row.weight)
            for row in finished
        ]
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
    """Yield every fourth week of the migrations that are not kept out, with the weight 1."""
    for each in situations(migration for migration in record() if not migration.kept_out):
        migration = each.migration
        yield Row(
            migration.organisation,
            migration.id,
            migration.finished,
            each.finish,
            each.features,
            1.0,
        )


def weighed(found: Iterator[Row] | Sequence[Row]) -> list[Row]:
    """Return the rows with weights that make all migrations equal."""
    found = list(found)
    counts = Counter(row.migration for row in found)
    return [row._replace(weight=1 / counts[row.migration]) for row in found]


def tried(finished: Sequence[Row], share: float, repositories: float) -> tuple[float, float]:
    """Return the CRPS and the rank correlation within migrations of two coefficients."""
    errors = quantiles(finished, share, repositories)
    judged = [
        Judged(
            row.migration,
            row.finish,
            True,
            tuple(math.exp(centre(row, share, repositories) + error) for error in errors),
        )
        for row in finished
    ]
    result = quality(judged)
    return result.crps_log, result.within


def centre(row: Row, share: float, repositories: float) -> float:
    """Return the logarithm of the remaining weeks, without the error."""
    return share * row.features.share + repositories * row.features.repositories


def quantiles(finished: Sequence[Row], share: float, repositories: float) -> tuple[float, ...]:
    """Return the quantiles of the errors of finished migrations at LEVELS."""
    return weighted_quantiles(
        (math.log(row.finish) - centre(row, share, repositories), row.weight) for row in finished
    )


def fitted(found: Sequence[Row], version: str, share: float, repositories: float) -> Coefficients:
    """Return all coefficients."""
    errors = quantiles(weighed(row for row in found if row.finished), share, repositories)
    stall = [0.0, 0.0, 0.0]
    cases = [
        (
            (1.0, row.features.slowness, row.features.age),
            1.0
            if row.finished
            else 1
            - bisect_right(errors, math.log(row.finish) - centre(row, share, repositories)) / 100,
            row.finished,
            row.weight,
        )
        for row in found
    ]
    for _ in range(200):
        # Expectation: the probability that a row belongs to a migration that has stalled.
        targets = []
        for values, unfinished, finished, weight in cases:
            chance = _logistic(stall, values)
            target = 0.0 if finished else chance / (chance + (1 - chance) * unfinished)
            targets.append((values, target, weight))
        before, stall = stall, _newton(stall, targets)
        if max(abs(a - b) for a, b in zip(before, stall, strict=True)) < 1e-3:
            break
    names = len({row.migration for row in found})
    constant, slowness, age = (round(value, 3) for value in stall)
    return Coefficients(
        version=version,
        migrations=names,
        share=share,
        repositories=repositories,
        errors=errors,
        stall=constant,
        stall_slowness=slowness,
        stall_age=age,
    )


def _logistic(weights: Sequence[float], values: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-sum(a * b for a, b in zip(weights, values, strict=True))))


def _newton(
    start: list[float], targets: Sequence[tuple[tuple[float, float, float], float, float]]
) -> list[float]:
    """Return the coefficients of a logistic regression after one Newton step."""
    gradient = [0.0] * 3
    hessian = [[1e-9 * (row == column) for column in range(3)] for row in range(3)]
    for values, target, weight in targets:
        chance = _logistic(start, values)
        part = weight * chance * (1 - chance)
        for row in range(3):
            gradient[row] += weight * (target - chance) * values[row]
            for column in range(3):
                hessian[row][column] += part * values[row] * values[column]
    step = _solved(hessian, gradient)
    return [value + change for value, change in zip(start, step, strict=True)]


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve linear equations by elimination; the matrix is symmetric and positive."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot, row in enumerate(rows):
        for other in rows:
            if other is not row:
                factor = other[pivot] / row[pivot]
                other[:] = [a - factor * b for a, b in zip(other, row, strict=True)]
    return [row[-1] / row[pivot] for pivot, row in enumerate(rows)]


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
