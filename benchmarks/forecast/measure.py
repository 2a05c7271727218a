"""Recompute weekly counts: `python -m benchmarks.forecast.measure MIRRORS [ID...]`.

MIRRORS contains bare clones with the whole history, named OWNER/NAME.git. The program scans each
migration of migrations.toml whose repositories are all present, at the commits that the file names.
It writes the weekly counts to series/.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.forecast.migrations import FOLDER
from headway.store.sql_expressions import OPEN_CHANGE
from headway.store.store_reader import open_store

_RULE_KEYS = ("scanner", "pattern", "paths")
_MOVEMENTS = f"""
SELECT repository, day, sum("new" + regressed) AS opened, sum(fixed) AS fixed,
    sum({OPEN_CHANGE}) AS change
FROM movements GROUP BY repository, day ORDER BY repository, day
"""


class WeekRow(NamedTuple):
    """The counts of one repository in one week."""

    week: int
    """The number of the week, counted from 1. Week 0 is the state before the first week."""
    repository: str
    opened: int
    fixed: int
    open: int
    """The number of open items at the end of the week."""


def main() -> None:
    """Recompute the requested migrations; by default, all with complete mirrors."""
    parser = argparse.ArgumentParser("python -m benchmarks.forecast.measure", description=__doc__)
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("ids", nargs="*", metavar="ID")
    options = parser.parse_args()
    mirrors = options.mirrors.resolve()
    described = tomllib.loads((FOLDER / "migrations.toml").read_text("utf-8"))
    for name in options.ids or sorted(described):
        facts = described[name]
        missing = [
            repository
            for repository in facts["repositories"]
            if not mirror(mirrors, repository).exists()
        ]
        if missing:
            print(f"{name}: not counted, because {missing[0]} is missing", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            rows = weekly_counts(Path(folder), mirrors, facts)
        write_rows(FOLDER / "series" / f"{name}.csv", rows)
        print(f"{name}: {sum(row.fixed for row in rows):,} fixed", flush=True)


def mirror(mirrors: Path, repository: str) -> Path:
    """Return the path of a repository's local clone."""
    return mirrors / f"{repository}.git"


def clone_at(folder: Path, mirrors: Path, repository: str, commit: str) -> Path:
    """Clone a repository into the workspace at a commit, and return the path of the clone."""
    clone = folder / "clones" / f"{repository}.git"
    clone.parent.mkdir(parents=True, exist_ok=True)
    _git("clone", "-q", "--bare", "--shared", mirror(mirrors, repository), clone)
    _git("-C", clone, "update-ref", "refs/heads/measured", commit)
    _git("-C", clone, "symbolic-ref", "HEAD", "refs/heads/measured")
    return clone


def weekly_counts(folder: Path, mirrors: Path, facts: Mapping[str, Any]) -> list[WeekRow]:
    """Scan one migration in a new workspace, and return its weekly counts."""
    for repository, commit in facts["repositories"].items():
        clone_at(folder, mirrors, repository, commit)
    rule = {key: facts[key] for key in _RULE_KEYS if key in facts}
    # The series include vendored code unless the migration's paths exclude it.
    rule |= {"id": "measured", "include_vendored": True}
    campaign = {
        "title": facts["title"],
        "starts": facts["starts"].isoformat(),
        "deprecated": [rule],
    }
    (folder / "campaigns").mkdir()
    (folder / "campaigns" / "migration.yaml").write_text(json.dumps(campaign), "utf-8")
    (folder / "headway.toml").write_text('[[sources]]\ntype = "local"\npath = "clones"\n', "utf-8")
    command = [sys.executable, "-m", "headway", "-C", str(folder), "scan"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open_store(folder / "headway.duckdb") as store:
        moved = store.query(_MOVEMENTS)[1]
    return list(_weeks(facts, moved))


def _weeks(facts: Mapping[str, Any], moved: list[tuple[Any, ...]]) -> Iterator[WeekRow]:
    """Yield the rows of the series, sorted by week and then by repository."""
    starts: date = facts["starts"]
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for repository, day, *counts in moved:
        week = max(0, (day - starts).days // 7 + 1)
        if week <= facts["weeks"]:
            for position, count in enumerate(counts):
                sums[week, repository][position] += count
    open_items = dict.fromkeys(facts["repositories"], 0)
    for repository in open_items:
        sums.setdefault((0, repository), [0, 0, 0])
    for (week, repository), (opened, fixed, change) in sorted(sums.items()):
        open_items[repository] += change
        if week == 0:
            yield WeekRow(0, repository, 0, 0, open_items[repository])
        elif opened or fixed or change:
            yield WeekRow(week, repository, opened, fixed, open_items[repository])


def write_rows(path: Path, rows: Sequence[WeekRow]) -> None:
    """Write the weekly counts of one migration."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(WeekRow._fields)
        writer.writerows(rows)


def _git(*arguments: str | Path) -> None:
    subprocess.run(["git", *arguments], check=True)


if __name__ == "__main__":
    main()
