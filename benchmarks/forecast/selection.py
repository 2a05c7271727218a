"""Select migrations: `python -m benchmarks.forecast.selection MIRRORS COUNTS [ORGANISATION...]`.

MIRRORS contains bare clones named OWNER/NAME.git. The program counts the items of every rule of
catalogue.toml in the repositories of each organisation of repositories.toml, and keeps the daily
counts in the folder COUNTS. It then selects migrations; a migration is one rule in one
organisation.

A migration begins in the first week at whose end the number of open items is at most 90% of the
maximum of the 26 weeks before. Only weeks in or after the rule's month count. The migration is
selected if

- at least 30 items were open at the beginning of that week, and at least 52 weeks of history
  follow;
- migrations.toml does not contain the same title for one of the same repositories.

The selection uses nothing that happened after the week in which the migration began. The series
starts on the first day of that week. Migrations that never ended are selected too. The program
writes selected.toml, in the format of migrations.toml, and the weekly counts in series/.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.forecast.measure import WeekRow, clone_at, mirror, write_rows
from benchmarks.forecast.migrations import FOLDER
from headway.store.sql_expressions import OPEN_CHANGE
from headway.store.store_reader import open_store

BEGUN = 0.9
"""A migration has begun when at most this share of the recent maximum is open."""
RECENT_WEEKS = 26
MINIMUM_ITEMS = 30
MINIMUM_WEEKS = 52
RESIDUAL = 0.02
"""A migration is completed when at most this share of its maximum so far is open."""

_MOVEMENTS = f"""
SELECT campaign, repository, day, sum("new" + regressed), sum(fixed), sum({OPEN_CHANGE})
FROM movements GROUP BY campaign, repository, day ORDER BY campaign, repository, day
"""


class Moved(NamedTuple):
    """The changes of one repository on one day."""

    repository: str
    day: date
    opened: int
    fixed: int
    change: int


@dataclass(frozen=True, slots=True)
class Selected:
    """A selected migration."""

    starts: date
    weeks: int
    """The number of weeks up to the completion, or up to the end of the history."""
    residual: int
    finished: bool
    rows: tuple[WeekRow, ...]


def main() -> None:
    """Scan the requested organisations without a counts file, and write all selected migrations."""
    parser = argparse.ArgumentParser("python -m benchmarks.forecast.selection", description=__doc__)
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("counts", type=Path)
    parser.add_argument("organisations", nargs="*", metavar="ORGANISATION")
    options = parser.parse_args()
    catalogue, pinned = _read("catalogue"), _read("repositories")
    blocks = []
    for organisation in options.organisations or sorted(pinned, key=str.lower):
        repositories = pinned[organisation]
        path = options.counts / f"{organisation}.csv"
        if not path.exists():
            _count(path, options.mirrors.resolve(), catalogue, repositories)
        last = max(_day(options.mirrors, *pair) for pair in repositories.items())
        for rule, moved in sorted(_moved(path).items()):
            found = selected(moved, catalogue[rule]["announced"], last)
            names = {row.repository for row in found.rows} if found else set()
            if found and not _known(catalogue[rule]["title"], names):
                name = f"{organisation.lower()}-{rule}"
                write_rows(FOLDER / "series" / f"{name}.csv", found.rows)
                blocks.append(
                    _block(
                        name, catalogue[rule], found, {n: repositories[n] for n in sorted(names)}
                    )
                )
    (FOLDER / "selected.toml").write_text("\n".join([_HEAD, *blocks]), "utf-8")
    print(f"{len(blocks)} migrations")


def selected(moved: Iterable[Moved], announced: date, last: date) -> Selected | None:
    """Return the migration that these changes contain; None if it is not selected.

    Args:
        moved: All changes of one rule in one organisation.
        announced: The first day on which the migration can begin.
        last: The day of the last commit.
    """
    first = announced + timedelta(days=-announced.weekday() % 7)
    moved = list(moved)
    count = (last - first).days // 7
    changes = [0] * (count + 1)
    for change in moved:
        number = max(0, (change.day - first).days // 7 + 1)
        if number <= count:
            changes[number] += change.change
    open_items = list(accumulate(changes))
    begun = _begun(open_items)
    if begun is None or count - begun < MINIMUM_WEEKS:
        return None
    starts = first + timedelta(weeks=begun - 1)
    highest = accumulate(open_items[begun - 1 :], max)
    residuals = [math.floor(RESIDUAL * items) for items in highest][1:]
    end = next(
        (n for n, residual in enumerate(residuals, 1) if open_items[begun - 1 + n] <= residual),
        None,
    )
    weeks = end or len(residuals)
    rows = tuple(_rows(moved, starts, weeks))
    return Selected(starts, weeks, residuals[weeks - 1], end is not None, rows)


def _begun(open_items: Sequence[int]) -> int | None:
    """Return the number of the week in which the migration begins; None if it never begins.

    Args:
        open_items: The open items at the end of each week. The first number is the state before.
    """
    for number in range(1, len(open_items)):
        recent = open_items[max(0, number - RECENT_WEEKS) : number]
        if recent[-1] >= MINIMUM_ITEMS and open_items[number] <= BEGUN * max(recent):
            return number
    return None


def _rows(moved: Iterable[Moved], starts: date, weeks: int) -> Iterator[WeekRow]:
    """Yield the rows of the series, sorted by week and then by repository."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for change in moved:
        week = max(0, (change.day - starts).days // 7 + 1)
        sums.setdefault((0, change.repository), [0, 0, 0])
        if week <= weeks:
            counts = sums[week, change.repository]
            counts[0] += change.opened
            counts[1] += change.fixed
            counts[2] += change.change
    open_items: dict[str, int] = defaultdict(int)
    for (week, repository), (opened, fixed, change_) in sorted(sums.items()):
        open_items[repository] += change_
        if week == 0:
            yield WeekRow(0, repository, 0, 0, open_items[repository])
        elif opened or fixed or change_:
            yield WeekRow(week, repository, opened, fixed, open_items[repository])


def _count(
    path: Path, mirrors: Path, catalogue: Mapping[str, Any], repositories: Mapping[str, str]
) -> None:
    """Scan one organisation for all rules, and write the daily counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clones = [
            clone_at(folder, mirrors, repository, commit)
            for repository, commit in repositories.items()
        ]
        suffixes = {suffix for clone in clones for suffix in _suffixes(clone)}
        (folder / "campaigns").mkdir()
        for rule, facts in catalogue.items():
            included = [glob for glob in facts["paths"] if not glob.startswith("!")]
            if suffixes.isdisjoint(map(_suffix, included)):
                continue
            options = {key: facts[key] for key in ("pattern", "paths") if key in facts}
            deprecated = {"id": "measured", "scanner": facts.get("scanner", "regex"), **options}
            campaign = {
                "title": facts["title"],
                "starts": facts["announced"].isoformat(),
                "deprecated": [deprecated],
            }
            (folder / "campaigns" / f"{rule}.yaml").write_text(json.dumps(campaign), "utf-8")
        (folder / "headway.toml").write_text('[[sources]]\ntype = "local"\npath = "clones"\n')
        command = [sys.executable, "-m", "headway", "-C", name, "scan", "--jobs", "1"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open_store(folder / "headway.duckdb") as store:
            rows = store.query(_MOVEMENTS)[1]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(f"{path.stem}: {len(rows):,} rows", flush=True)


def _suffixes(clone: Path) -> set[str]:
    """Return the suffixes of the file names in about nine commits, spread over the history."""
    commits = _git(clone, "rev-list", "--first-parent", "HEAD").split()
    commits = commits[:: max(1, len(commits) // 8)] + commits[-1:]
    paths = (_git(clone, "ls-tree", "-r", "--name-only", commit) for commit in commits)
    return {_suffix(path) for listing in paths for path in listing.splitlines()}


def _suffix(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2]


def _moved(path: Path) -> dict[str, list[Moved]]:
    found: dict[str, list[Moved]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for rule, repository, day, *counts in csv.reader(file):
            moved = Moved(repository, date.fromisoformat(day), *map(int, counts))
            found[rule].append(moved)
    return found


def _known(title: str, repositories: Iterable[str]) -> bool:
    """Return whether migrations.toml contains this title for one of these repositories."""
    return any(
        facts["title"] == title and not facts["repositories"].keys().isdisjoint(repositories)
        for facts in _read("migrations").values()
    )


def _block(
    name: str, rule: Mapping[str, Any], found: Selected, repositories: Mapping[str, str]
) -> str:
    """Return the TOML table of a migration."""
    facts: dict[str, Any] = {
        "title": rule["title"],
        "language": rule["language"],
        "scanner": rule.get("scanner", "regex"),
        **({"pattern": rule["pattern"]} if "pattern" in rule else {}),
        "paths": rule["paths"],
        "starts": found.starts,
        "weeks": found.weeks,
        "finished": found.finished,
        "residual": found.residual,
    }
    lines = [f"{key} = {_toml(value)}" for key, value in facts.items()]
    commits = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in repositories.items()]
    return "\n".join([f"[{name}]", *lines, f"[{name}.repositories]", *commits, ""])


def _toml(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def _day(mirrors: Path, repository: str, commit: str) -> date:
    committed = _git(mirror(mirrors, repository), "show", "-s", "--format=%cs", commit)
    return date.fromisoformat(committed.strip())


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


_HEAD = """\
# Migrations that selection.py selected. The format is that of migrations.toml; `language` is the
# language of the rule. Do not edit this file.
"""


if __name__ == "__main__":
    main()
