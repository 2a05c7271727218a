"""The migrations in migrations.toml and selected.toml, with their weekly counts."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.forecast.split import is_held_out, organisation_of
from headway.progress.weekly_history import WEEK, History, Week

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration found in the history of public repositories."""

    id: str
    title: str
    organisation: str
    finished: bool
    residual: int
    """The number of open items at which the migration counts as completed."""
    history: History
    """The weekly counts until the finish; for an unfinished migration, until the last commit.
    """

    @property
    def held_out(self) -> bool:
        """Whether the migration is held out. See `split.py`."""
        return is_held_out(self.organisation)


def migrations() -> list[Migration]:
    """Return the migrations of migrations.toml, sorted by ID."""
    return _listed("migrations")


def record() -> list[Migration]:
    """Return all migrations: those of migrations.toml, then those of selected.toml."""
    return _listed("migrations") + _listed("selected")


def _listed(name: str) -> list[Migration]:
    described = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return [_migration(name, facts) for name, facts in sorted(described.items())]


def _migration(name: str, facts: Mapping[str, Any]) -> Migration:
    return Migration(
        id=name,
        title=facts["title"],
        organisation=organisation_of(name, facts["repositories"]),
        finished=facts["finished"],
        residual=facts["residual"],
        history=_history(FOLDER / "series" / f"{name}.csv", facts["starts"], facts["weeks"]),
    )


def _history(path: Path, starts: date, weeks: int) -> History:
    """Read a history from a CSV file.

    For each repository, the file has one row for week 0, the state before the first week, and one
    row for each week with movements.
    """
    before: dict[str, int] = {}
    rows: dict[str, dict[int, tuple[int, int, int]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, number = row["repository"], int(row["week"])
            if number == 0:
                before[name] = int(row["open"])
            else:
                moved = int(row["opened"]), int(row["fixed"]), int(row["open"])
                rows.setdefault(name, {})[number] = moved
    names = sorted(before)
    return History(
        starts + WEEK * weeks - timedelta(days=1),
        tuple(_filled(before[name], rows.get(name, {}), weeks) for name in names),
        tuple(before[name] for name in names),
    )


def _filled(before: int, rows: dict[int, tuple[int, int, int]], weeks: int) -> tuple[Week, ...]:
    filled = []
    for number in range(1, weeks + 1):
        opened, fixed, after = rows.get(number, (0, 0, before))
        filled.append(Week(opened, fixed, after - before - opened + fixed, after))
        before = after
    return tuple(filled)
