"""Project rules find matches in several files together, at every commit of the history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.git import Repo, git
from tests.support.pins import plugin
from tests.support.workspaces import headway, rows, workspace

TODAY = ("--today", "2020-06-01")
CAMPAIGN = """title: Leave six
starts: 2020-01-06
deprecated:
  - {id: six, scanner: pins, package: six}
  - {id: own, scanner: pins, package: six, paths: ["app/**"]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = workspace(tmp_path / "ws", pins=CAMPAIGN)
    (made / "scanners").mkdir()
    (made / "scanners" / "pins.py").write_text(plugin())
    return made


@pytest.fixture
def repo(folder: Path) -> Repo:
    return Repo(folder / "clones" / "app")


def items(folder: Path, rule: str = "six") -> list[dict[str, Any]]:
    listed = rows(folder, "items", "--state", "all", *TODAY)
    return [item for item in listed if item["rule"] == rule]


def lives(folder: Path, rule: str = "six") -> list[tuple[str, int, str, str | None]]:
    """Return (path, line, day of opening, day of closing) of each item."""
    return [
        (item["path"], item["line"], item["opened_at"][:10], (item["closed_at"] or "")[:10] or None)
        for item in items(folder, rule)
    ]


def gaps(folder: Path) -> list[tuple[str, str, str]]:
    listed = rows(folder, "query", "SELECT * FROM gaps ORDER BY rule, path, opened_at")
    return [(gap["rule"], gap["path"], gap["reason"]) for gap in listed]


def scan(folder: Path, *options: str, code: int = 0) -> None:
    headway(folder, "scan", "--jobs", "1", *TODAY, *options, code=code)


def test_a_lock_file_decides_about_the_manifest(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-01", {"app/a.want": "os 1\nsix 1.0\n", "b.want": "six 1.1\n"})
    repo.commit("2020-02-02", {"app/a.lock": "six 2.0\n"})
    repo.commit("2020-02-03", {"app/a.lock": "os 1\nsix 1.9\n"})
    repo.commit("2020-02-04", {"app/a.lock": None, "b.want": "os 1\n"})
    scan(folder)
    assert lives(folder) == [
        ("app/a.want", 2, "2020-02-01", "2020-02-02"),
        ("app/a.want", 2, "2020-02-03", None),
        ("b.want", 1, "2020-02-01", "2020-02-04"),
    ]
    assert lives(folder, "own") == lives(folder)[:2]


def test_a_package_that_moves_from_the_lock_file_to_the_manifest_is_one_item(
    folder: Path, repo: Repo
) -> None:
    repo.commit("2020-02-01", {"a.want": "os 1\n", "a.lock": "six 1.0\n"})
    repo.commit("2020-02-02", {"a.want": "os 1\nsix 1\n"})
    scan(folder)
    assert lives(folder) == [("a.want", 2, "2020-02-01", None)]


def test_a_bump_within_the_bad_versions_moves_the_item_between_captured_series(
    folder: Path, repo: Repo
) -> None:
    repo.commit("2020-02-01", {"a.want": "six 1\n", "a.lock": "six 1.0\n"})
    repo.commit("2020-02-10", {"a.lock": "os 2\nsix 1.5\n"})
    scan(folder)
    (item,) = items(folder)
    assert (item["captures"], item["state"]) == ({"version": "1.5"}, "open")
    assert item["path"] == "a.want"
    points = rows(folder, "burndown", "pins", "--by", "day", *TODAY)
    assert sum(point["fixed"] + point["regressed"] for point in points) == 0
    series = rows(folder, "burndown", "pins", "--by", "day", "--series", "version", *TODAY)
    assert {
        day: {row["value"]: row["open"] for row in series if row["date"] == day and row["open"]}
        for day in ("2020-02-09", "2020-02-10")
    } == {"2020-02-09": {"1.0": 1}, "2020-02-10": {"1.5": 1}}


def test_a_scan_that_continues_reads_other_files_only_if_one_changes(
    folder: Path, repo: Repo
) -> None:
    repo.commit("2020-02-01", {"a.want": "six 1\n", "a.lock": "six 1.0\n", "b.want": "six 1\n"})
    scan(folder)
    lock = git(repo.path, "rev-parse", "HEAD:a.lock").strip()
    file = repo.path / ".git" / "objects" / lock[:2] / lock[2:]
    content = file.read_bytes()
    file.chmod(0o600)
    file.unlink()
    repo.commit("2020-02-02", {"note.txt": "nothing\n"})
    scan(folder)
    file.write_bytes(content)
    repo.commit("2020-02-03", {"a.want": "os 1\nsix 1\n"})
    scan(folder)
    assert gaps(folder) == []
    assert lives(folder) == [("a.want", 2, "2020-02-01", None), ("b.want", 1, "2020-02-01", None)]


def test_a_file_that_cannot_be_read_keeps_the_items_that_depend_on_it(
    folder: Path, repo: Repo
) -> None:
    repo.commit("2020-02-01", {"app/a.want": "six 1\n", "b.want": "six 1\n", "c.want": "os 1\n"})
    repo.commit("2020-02-02", {"app/a.lock": "six 2\nbroken\n", "b.want": "os 1\n"})
    scan(folder, code=3)
    broken = "scanner pins failed: ValueError: line 2 is broken"
    assert gaps(folder) == [
        ("own", "app/a.lock", broken),
        ("own", "app/a.want", "app/a.lock could not be read"),
        ("six", "app/a.lock", broken),
        ("six", "app/a.want", "app/a.lock could not be read"),
    ]
    assert lives(folder) == [
        ("app/a.want", 1, "2020-02-01", None),
        ("b.want", 1, "2020-02-01", "2020-02-02"),
    ]
    repo.commit("2020-02-03", {"app/a.lock": "six 1\n"})
    scan(folder)
    assert lives(folder)[0] == ("app/a.want", 1, "2020-02-01", None)


def test_a_file_that_cannot_be_read_outside_of_paths_is_no_gap(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-01", {"app/a.want": "six 1\n", "tests/broken.want": "broken\n"})
    scan(folder, code=3)
    assert [(rule, path) for rule, path, _ in gaps(folder)] == [("six", "tests/broken.want")]
    assert lives(folder, "own") == [("app/a.want", 1, "2020-02-01", None)]


def test_a_generated_lock_file_is_read_but_has_no_items(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-01", {"a.want": "six 1\n", "b.lock": "six 1\n"})
    repo.commit("2020-02-02", {".gitattributes": "*.lock linguist-generated\n"})
    repo.commit("2020-02-03", {"a.lock": "six 2\n"})
    repo.commit("2020-02-04", {".gitattributes": "b.lock linguist-generated\n"})
    repo.commit("2020-02-05", {".gitattributes": None})
    scan(folder)
    assert lives(folder) == [
        ("a.want", 1, "2020-02-01", "2020-02-03"),
        ("b.lock", 1, "2020-02-01", "2020-02-02"),
        ("b.lock", 1, "2020-02-05", None),
    ]
    points = rows(folder, "burndown", "pins", "--by", "day", *TODAY)
    assert [sum(point[name] for point in points) for name in ("new", "fixed")] == [2, 1]
    assert [sum(point[name] for point in points) for name in ("scope_added", "scope_removed")] == [
        1,
        1,
    ]


def test_vendored_folders_are_not_read(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-01", {"vendor/a.want": "six 1\nbroken\n", "b.want": "six 1\n"})
    scan(folder)
    assert gaps(folder) == []
    assert [path for path, *_ in lives(folder)] == ["b.want"]


def test_try_finds_what_a_scan_finds(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-01", {"a.want": "six 1\n", "a.lock": "six 1.0\n", "b.lock": "broken\n"})
    found = json.loads(headway(folder, "try", "pins", *TODAY, "--format", "json", code=3).stdout)
    assert [(row["rule"], row["matches"], row["files"]) for row in found] == [
        ("six", 1, 3),
        ("own", 0, 3),
    ]
    assert found[0]["examples"][0]["captures"] == {"version": "1.0"}
    assert "b.lock could not be read: scanner pins failed" in found[0]["unknown"]
    assert found[1]["unknown"] is None


def test_a_commit_before_the_first_day(folder: Path, repo: Repo) -> None:
    repo.commit("2019-02-01", {"a.want": "six 1\n"})
    repo.commit("2020-02-01", {"a.lock": "six 2\n"})
    scan(folder)
    (item,) = items(folder)
    assert (item["opened_before_baseline"], item["state"]) == (True, "fixed")


def test_the_kind_is_listed(folder: Path) -> None:
    listed = {row["scanner"]: row["kind"] for row in rows(folder, "scanners")}
    assert listed["pins"] == "project"


def test_each_version_of_a_file_is_read_once_for_all_rules(folder: Path, repo: Repo) -> None:
    log = folder / "read"
    text = plugin(harm=f"open({str(log)!r}, 'a').write(line + '\\n')")
    (folder / "scanners" / "pins.py").write_text(text)
    repo.commit("2020-02-01", {"app/a.want": "six 1.0\n", "b.want": "os 1\n"})
    repo.commit("2020-02-02", {"app/a.want": "six 2.0\n"})
    repo.commit("2020-02-03", {"app/a.want": "six 1.0\n", "note.txt": "six 3.0\n"})
    scan(folder)
    # Two rules share the facts of a file. An older version that returns is not read again.
    assert sorted(log.read_text().split("\n")) == ["", "os 1", "six 1.0", "six 2.0"]
    assert [life[2] for life in lives(folder)] == ["2020-02-01", "2020-02-03"]
