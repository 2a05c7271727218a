"""Scans detect items that move between repositories, and commands show the moves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.model.movement import FLOW_SIGNS
from tests.support.git import Repo, git
from tests.support.workspaces import headway, rows, scan, workspace

CAMPAIGN = """title: Remove six
starts: 2026-01-05
due: 2026-12-31
deprecated:
  - {id: six, scanner: regex, pattern: '^import six', paths: ['*.py']}
"""
TODAY = date(2026, 8, 1)
TOGETHER = (date(2026, 8, 1),)
APART = (date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 2), date(2026, 5, 1), TODAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path, six=CAMPAIGN)


@pytest.fixture
def mono(folder: Path) -> Repo:
    """Return a repository with five modules in each of two folders."""
    repo = Repo(folder / "clones" / "mono")
    repo.commit("2026-01-01", modules("pay") | modules("web"))
    return repo


def modules(name: str, extra: str = "") -> dict[str, str | bytes | None]:
    return {f"{name}/m{i}.py": f"import six\n{name} = {i}\n{extra}" for i in range(5)}


def removed(name: str) -> dict[str, str | bytes | None]:
    return dict.fromkeys(modules(name))


def clone(folder: Path, name: str) -> Repo:
    return Repo(folder / "clones" / name)


def status(folder: Path) -> tuple[int, int]:
    """Return the numbers of open and fixed items."""
    (row,) = rows(folder, "status", "--today", f"{TODAY}")
    return row["open"], row["fixed"]


def ledger(folder: Path, *more: str) -> dict[str, dict[str, int]]:
    """Return the non-zero movements, by day."""
    points = rows(folder, "burndown", "six", "--by", "day", "--today", f"{TODAY}", *more)
    moved = {
        point["date"]: {name: point[name] for name in FLOW_SIGNS if point[name]} for point in points
    }
    return {day: counts for day, counts in moved.items() if counts}


def scan_on(folder: Path, days: Iterable[date]) -> None:
    for day in days:
        scan(folder, day)


def openings(folder: Path, repository: str) -> list[dict[str, Any]]:
    return rows(
        folder, "items", "--state", "all", "--repository", repository, "--today", f"{TODAY}"
    )


@pytest.mark.parametrize("days", [TOGETHER, APART], ids=["together", "apart"])
def test_a_folder_moves_to_a_new_repository(folder: Path, mono: Repo, days: tuple[date]) -> None:
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", modules("pay"))
    scan_on(folder, days)
    assert status(folder) == (10, 0)
    assert ledger(folder) == {"2026-03-01": {"moved_out": 5}, "2026-03-02": {"moved_in": 5}}
    states = {row["repository"]: row for row in rows(folder, "status", "--by", "repository")}
    assert (states["mono"]["open"], states["mono"]["fixed"]) == (5, 0)
    assert states["pay"]["open"] == 5


def test_items_say_where_they_went_and_came_from(folder: Path, mono: Repo) -> None:
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", {"src/m0.py": "import six\npay = 0\n"})
    scan(folder, TODAY)
    (went,) = [row for row in openings(folder, "mono") if row["path"] == "pay/m0.py"]
    (came,) = openings(folder, "pay")
    assert went["state"] == "moved"
    assert went["moved_to"] == {"repository": "pay", "path": "src/m0.py", "item": came["item"]}
    assert went["moved_from"] is None
    assert (came["state"], came["regressed"]) == ("open", False)
    assert came["moved_from"] == {"repository": "mono", "path": "pay/m0.py", "item": went["item"]}
    assert came["moved_to"] is None
    assert len(rows(folder, "items", "--state", "fixed")) == 4
    sql = "SELECT state, moved_from, moved_to FROM items WHERE path LIKE '%m0.py' ORDER BY ALL"
    assert rows(folder, "query", sql) == [
        {"state": "moved", "moved_from": None, "moved_to": "pay"},
        {"state": "open", "moved_from": "mono", "moved_to": None},
        {"state": "open", "moved_from": None, "moved_to": None},
    ]


def test_tables_show_moves_only_if_there_are_any(folder: Path, mono: Repo) -> None:
    scan(folder, date(2026, 2, 1))
    assert "moved" not in headway(folder, "burndown", "six").output
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", modules("pay"))
    scan(folder, TODAY)
    assert "moved in" in headway(folder, "burndown", "six").output


def test_nobody_is_credited_with_a_move(folder: Path, mono: Repo) -> None:
    mono.commit("2026-07-27", removed("pay"))
    clone(folder, "pay").commit("2026-07-28", modules("pay"))
    scan(folder, TODAY)
    digest = headway(folder, "digest", "--today", f"{TODAY}", "--since", "2026-07-20").output
    assert "5 moved to another repository" in " ".join(digest.split())
    assert "fixed 5" not in digest


@pytest.mark.parametrize("days", [TOGETHER, APART], ids=["together", "apart"])
def test_a_copy_that_lands_before_the_original_is_removed(
    folder: Path, mono: Repo, days: tuple[date]
) -> None:
    clone(folder, "pay").commit("2026-02-20", modules("pay"))
    mono.commit("2026-03-01", removed("pay"))
    scan_on(folder, days)
    assert status(folder) == (10, 0)
    assert ledger(folder) == {"2026-02-20": {"moved_in": 5}, "2026-03-01": {"moved_out": 5}}


def test_a_copy_whose_original_stays_is_new(folder: Path, mono: Repo) -> None:
    assert mono.head
    clone(folder, "pay").commit("2026-03-02", modules("pay"))
    scan(folder, TODAY)
    assert ledger(folder) == {"2026-03-02": {"new": 5}}


@pytest.mark.parametrize(("day", "moved"), [("2026-03-31", True), ("2026-04-01", False)])
@pytest.mark.parametrize("days", [TOGETHER, APART], ids=["together", "apart"])
def test_the_limit_is_thirty_days(
    folder: Path, mono: Repo, day: str, moved: bool, days: tuple[date]
) -> None:
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit(day, modules("pay"))
    scan_on(folder, days)
    assert status(folder) == (10, 0 if moved else 5)


def test_one_item_of_five_does_not_make_a_move(folder: Path) -> None:
    lines = [f"import six  # {i}\n" for i in range(5)]
    old = clone(folder, "old")
    old.commit("2026-01-01", {"m.py": "".join(lines)})
    old.commit("2026-03-01", {"m.py": None})
    clone(folder, "new").commit("2026-03-02", {"m.py": lines[0]})
    scan(folder, TODAY)
    assert status(folder) == (1, 5)


def test_a_file_that_is_moved_and_edited_in_one_go(folder: Path, mono: Repo) -> None:
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", modules("pay", extra="# moved\n"))
    scan(folder, TODAY)
    assert status(folder) == (10, 0)


def test_a_file_that_is_fixed_and_not_removed_has_not_moved(folder: Path) -> None:
    line = "import six\n"
    for name in "ab":
        clone(folder, name).commit("2026-01-01", {"setup.py": line, "README": name})
    clone(folder, "a").commit("2026-03-01", {"setup.py": "import os\n"})
    clone(folder, "c").commit("2026-03-02", {"setup.py": line})
    scan(folder, TODAY)
    assert ledger(folder) == {"2026-03-01": {"fixed": 1}, "2026-03-02": {"new": 1}}


def test_boilerplate_has_not_moved(folder: Path) -> None:
    for name in "abcdef":
        clone(folder, name).commit("2026-01-01", {"setup.py": f"import six\n# {name}\n"})
    clone(folder, "a").commit("2026-03-01", {"setup.py": None})
    clone(folder, "g").commit("2026-03-02", {"setup.py": "import six\n# g\n"})
    scan(folder, TODAY)
    assert ledger(folder) == {"2026-03-01": {"fixed": 1}, "2026-03-02": {"new": 1}}


def test_a_file_moves_twice(folder: Path, mono: Repo) -> None:
    mono.commit("2026-03-01", removed("pay"))
    pay = clone(folder, "pay")
    pay.commit("2026-03-02", modules("pay"))
    pay.commit("2026-03-10", removed("pay"))
    clone(folder, "billing").commit("2026-03-11", modules("pay"))
    scan(folder, TODAY)
    assert ledger(folder) == {
        "2026-03-01": {"moved_out": 5},
        "2026-03-02": {"moved_in": 5},
        "2026-03-10": {"moved_out": 5},
        "2026-03-11": {"moved_in": 5},
    }
    assert status(folder) == (10, 0)


@pytest.mark.parametrize("days", [TOGETHER, APART], ids=["together", "apart"])
def test_a_file_that_moves_back_has_not_regressed(
    folder: Path, mono: Repo, days: tuple[date]
) -> None:
    mono.commit("2026-03-01", removed("pay"))
    pay = clone(folder, "pay")
    pay.commit("2026-03-02", modules("pay"))
    pay.commit("2026-03-10", removed("pay"))
    mono.commit("2026-03-11", modules("pay"))
    scan_on(folder, days)
    assert ledger(folder) == {
        "2026-03-01": {"moved_out": 5},
        "2026-03-02": {"moved_in": 5},
        "2026-03-10": {"moved_out": 5},
        "2026-03-11": {"moved_in": 5},
    }
    assert not any(row["regressed"] for row in openings(folder, "mono"))


def test_an_item_that_moved_away_and_is_added_again_is_new(folder: Path, mono: Repo) -> None:
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", modules("pay"))
    mono.commit("2026-06-01", {"pay/m0.py": "import six\npay = 0\n"})
    scan(folder, TODAY)
    assert ledger(folder)["2026-06-01"] == {"new": 1}
    assert not any(row["regressed"] for row in openings(folder, "mono"))


def test_items_of_two_rules_move_each_on_their_own(tmp_path: Path) -> None:
    two = CAMPAIGN + "  - {id: five, scanner: regex, pattern: '^import five', paths: ['*.py']}\n"
    folder = workspace(tmp_path, six=two)
    old = clone(folder, "old")
    old.commit("2026-01-01", {"m.py": "import six\nimport five\n"})
    old.commit("2026-03-01", {"m.py": None})
    clone(folder, "new").commit("2026-03-02", {"m.py": "import six\n"})
    scan(folder, TODAY)
    assert ledger(folder) == {
        "2026-03-01": {"fixed": 1, "moved_out": 1},
        "2026-03-02": {"moved_in": 1},
    }


def test_whole_files_move_with_their_content(tmp_path: Path) -> None:
    whole = CAMPAIGN.replace(
        "{id: six, scanner: regex, pattern: '^import six', paths: ['*.py']}",
        "{id: travis, scanner: file, paths: [.travis.yml]}",
    )
    folder = workspace(tmp_path, six=whole)
    for name in "ab":
        clone(folder, name).commit("2026-01-01", {".travis.yml": f"{name}\n", "README": "x"})
        clone(folder, name).commit("2026-03-01", {".travis.yml": None})
    clone(folder, "c").commit("2026-03-02", {".travis.yml": "a\n"})
    clone(folder, "d").commit("2026-03-02", {".travis.yml": "d\n"})
    scan(folder, TODAY)
    assert ledger(folder) == {
        "2026-03-01": {"fixed": 1, "moved_out": 1},
        "2026-03-02": {"new": 1, "moved_in": 1},
    }


def test_an_exempt_item_moves_to_where_it_is_not_exempt(tmp_path: Path) -> None:
    exempt = "exemptions:\n  - {repositories: [mono], reason: Legacy, until: 2026-12-31}\n"
    folder = workspace(tmp_path, six=CAMPAIGN + exempt)
    mono = clone(folder, "mono")
    mono.commit("2026-01-01", modules("pay") | modules("web"))
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", modules("pay"))
    scan(folder, TODAY)
    assert ledger(folder) == {"2026-03-02": {"moved_in": 5}}
    (row,) = rows(folder, "status", "--today", f"{TODAY}")
    assert (row["open"], row["exempt"], row["fixed"]) == (5, 5, 0)


def split(folder: Path, mono: Repo) -> None:
    """Copy a folder with its history to its own repository, as `git filter-repo` does."""
    pay = clone(folder, "pay")
    history = git(mono.path, "fast-export", "main", "--", "pay")
    git(pay.path, "fast-import", "--quiet", stdin=history.encode())
    git(pay.path, "reset", "-q", "--hard")


@pytest.mark.parametrize("days", [APART, (date(2026, 2, 1), TODAY)], ids=["often", "rarely"])
def test_a_folder_that_is_split_off_with_its_history(
    folder: Path, mono: Repo, days: tuple[date, ...]
) -> None:
    mono.commit("2026-01-20", {"pay/m0.py": "import six\npay = 'edited'\n"})
    scan(folder, days[0])
    split(folder, mono)
    mono.commit("2026-03-01", removed("pay"))
    scan_on(folder, days[1:])
    assert status(folder) == (10, 0)
    moved = ledger(folder)
    assert moved.pop("2026-03-01") in ({"moved_out": 5}, {"moved_out": 5, "scope_added": 5})
    assert all(counts == {"scope_added": 5} for counts in moved.values())


def test_a_repository_of_known_age_that_enters_the_scope_has_taken_nothing(tmp_path: Path) -> None:
    narrow = CAMPAIGN + "scope: {repositories: ['mono']}\n"
    folder = workspace(tmp_path, six=narrow)
    mono = clone(folder, "mono")
    mono.commit("2026-01-01", modules("pay") | modules("web"))
    split(folder, mono)
    scan(folder, date(2026, 2, 1))
    mono.commit("2026-03-01", removed("pay"))
    (folder / "campaigns" / "six.yaml").write_text(CAMPAIGN)
    scan(folder, date(2026, 3, 2))
    assert ledger(folder) == {"2026-03-01": {"fixed": 5}, "2026-03-02": {"scope_added": 5}}


def test_scans_of_one_repository_each_find_the_same_moves(folder: Path, mono: Repo) -> None:
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", modules("pay"))
    scan(folder, TODAY, repositories=("pay",))
    assert ledger(folder) == {"2026-03-02": {"new": 5}}
    scan(folder, TODAY, repositories=("mono",))
    assert ledger(folder) == {"2026-03-01": {"moved_out": 5}, "2026-03-02": {"moved_in": 5}}


def test_a_rule_that_changes_forgets_its_moves(folder: Path, mono: Repo) -> None:
    mono.commit("2026-03-01", removed("pay"))
    clone(folder, "pay").commit("2026-03-02", modules("pay"))
    scan(folder, TODAY)
    file = folder / "campaigns" / "six.yaml"
    file.write_text(CAMPAIGN.replace("import six", "nothing"))
    scan(folder, TODAY)
    assert openings(folder, "*") == []
    file.write_text(CAMPAIGN)
    scan(folder, TODAY)
    assert status(folder) == (10, 0)


def test_an_unchanged_repository_keeps_its_moves(folder: Path, mono: Repo) -> None:
    mono.commit("2026-03-01", removed("pay"))
    pay = clone(folder, "pay")
    pay.commit("2026-03-02", modules("pay"))
    scan(folder, date(2026, 3, 2))
    before = openings(folder, "*")
    mono.commit("2026-03-05", {"web/m0.py": "# shifted\nimport six\nweb = 0\n"})
    scan(folder, date(2026, 3, 5))
    assert [row["moved_from"] for row in openings(folder, "pay")] == [
        row["moved_from"] for row in before if row["repository"] == "pay"
    ]
    assert status(folder) == (10, 0)
