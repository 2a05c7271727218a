"""A scan that reaches its time limit saves what it has read, and the next scan continues."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from headway.scan.request import ScanOutcome
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, scan, workspace

FIRST, SECOND, THIRD = date(2020, 3, 2), date(2020, 3, 3), date(2020, 3, 4)
REPOSITORIES = [f"app-{number:02}" for number in range(12)]
HOUR = timedelta(hours=1)


def start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def hourly(day: date) -> Callable[[], datetime]:
    """Return a clock that advances by one hour each time it is read."""
    time = start(day) - HOUR

    def now() -> datetime:
        nonlocal time
        time += HOUR
        return time

    return now


def limited_scan(folder: Path, day: date, hours: float) -> ScanOutcome:
    """Scan with one worker, so that the clock is read before each group of four repositories."""
    return scan(folder, day, now=hourly(day), stop_at=start(day) + hours * HOUR)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "ws")
    for name in REPOSITORIES:
        repo = Repo(folder / "clones" / name)
        repo.commit("2020-02-10", {"a.py": "import six\nimport six\n"})
        repo.commit("2020-02-20", {"a.py": "import six\n"})
    return folder


def by_repository(folder: Path, day: date) -> dict[str, tuple[str, int]]:
    listed = rows(folder, "status", "--by", "repository", "--today", str(day))
    return {row["repository"]: (row["state"], row["open"]) for row in listed}


def test_repositories_that_were_not_reached_are_unknown(folder: Path) -> None:
    outcome = limited_scan(folder, FIRST, 1.5)
    left = REPOSITORIES[4:]
    assert [part.repository for part in outcome.unknown] == left
    assert {part.reason for part in outcome.unknown} == {
        "the scan reached its time limit before this repository; the next scan continues"
    }
    found = by_repository(folder, FIRST)
    assert {name: found[name] for name in REPOSITORIES[:4]} == dict.fromkeys(
        REPOSITORIES[:4], ("open", 1)
    )
    assert {found[name][0] for name in left} == {"unknown"}


def test_nights_that_are_too_short_reach_every_repository_in_the_end(folder: Path) -> None:
    unknown = [len(limited_scan(folder, day, 1.5).unknown) for day in (FIRST, SECOND, THIRD)]
    assert unknown == [8, 4, 0]

    def answers() -> list[object]:
        today = ("--today", str(THIRD))
        return [
            rows(folder, "status", "--by", "repository", *today),
            rows(folder, "items", "--state", "all", *today),
            [
                {key: row[key] for key in row if key not in ("coverage", "inexact")}
                for row in rows(folder, "burndown", "remove-six", "--by", "day", *today)
            ],
        ]

    found = answers()
    (folder / "headway.duckdb").unlink()
    scan(folder, FIRST)
    scan(folder, THIRD)
    assert answers() == found


def test_repositories_with_new_commits_come_before_those_never_read(folder: Path) -> None:
    limited_scan(folder, FIRST, 1.5)
    Repo(folder / "clones" / "app-03").commit("2020-03-03", {"a.py": ""})
    limited_scan(folder, SECOND, 1.5)
    found = by_repository(folder, SECOND)
    assert found["app-03"] == ("done", 0)
    assert [name for name in REPOSITORIES if found[name][0] != "unknown"] == REPOSITORIES[:7]


def test_a_scan_within_its_time_limit_is_complete(folder: Path) -> None:
    assert limited_scan(folder, FIRST, 10).complete


def test_the_command_accepts_hours_minutes_and_seconds(folder: Path) -> None:
    headway(folder, "scan", "--stop-after", "5h", "--jobs", "1")
    headway(folder, "scan", "--stop-after", "90m", "--jobs", "1")
    refused = headway(folder, "scan", "--stop-after", "5", code=2)
    assert "'5' is not a time such as 90m (minutes) or 5h (hours)" in refused.stderr
