"""A local repository that is renamed or moved within its source keeps its history."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

FIRST, SECOND, THIRD = "2026-03-01", "2026-03-02", "2026-03-03"
pytestmark = pytest.mark.fault(40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a scanned workspace with two repositories, each with one open and one fixed item."""
    folder = workspace(tmp_path / "ws")
    for name in ("one", "two"):
        repo = Repo(folder / "clones" / name)
        repo.commit("2026-01-02", {"a.py": f"import six  # {name}\n", "b.py": "import six\n"})
        repo.commit("2026-01-05", {"b.py": f"# {name}\n"})
    scan(folder, FIRST)
    return folder


def scan(folder: Path, day: str, code: int = 0) -> str:
    return headway(folder, "--today", day, "scan", "--jobs", "1", code=code).stderr


def history(folder: Path) -> list[tuple[str, object, object, object]]:
    found = rows(folder, "items", "--state", "all")
    return sorted(
        (row["repository"], row["item"], row["opened_commit"], row["closed_commit"])
        for row in found
    )


def movements(folder: Path) -> list[dict[str, object]]:
    """Return the movements after the first scan, apart from counts that are zero."""
    found = rows(folder, "burndown", "remove-six", "--today", THIRD)
    names = ("new", "regressed", "moved_in", "scope_added", "moved_out", "scope_removed", "fixed")
    return [
        {name: row[name] for name in names if row[name]} for row in found if row["date"] > FIRST
    ]


def names(folder: Path) -> dict[str, str]:
    found = rows(folder, "status", "--by", "repository", "--today", THIRD)
    return {row["repository"]: row["state"] for row in found}


def test_a_renamed_and_a_moved_repository_keep_their_items(folder: Path) -> None:
    before = history(folder)
    clones = folder / "clones"
    (clones / "one").rename(clones / "uno")
    (clones / "deep").mkdir()
    (clones / "two").rename(clones / "deep" / "two")
    assert "one is now uno" in scan(folder, SECOND)
    Repo(clones / "uno").commit("2026-03-03T08:00:00", {"c.txt": "x"})
    scan(folder, THIRD)
    renamed = {"one": "uno", "two": "deep/two"}
    assert history(folder) == sorted((renamed[row[0]], *row[1:]) for row in before)
    assert names(folder) == {"uno": "open", "deep/two": "open"}
    assert not any(movements(folder))


def test_a_renamed_repository_keeps_its_items_after_a_force_push(folder: Path) -> None:
    before = history(folder)
    clones = folder / "clones"
    (clones / "one").rename(clones / "uno")
    renamed = Repo.__new__(Repo)
    renamed.path = clones / "uno"
    renamed.git("reset", "-q", "--hard", "HEAD~1")
    renamed.commit("2026-01-06", {"b.py": "# another change\n"})
    said = scan(folder, SECOND)
    assert "one is now uno" in said
    assert "history rewritten" in said
    kept = {(item, opened) for _, item, opened, _ in before}
    assert {(item, opened) for _, item, opened, _ in history(folder)} == kept
    assert names(folder) == {"uno": "open", "two": "open"}
    assert not any(movements(folder))


def test_a_repository_with_few_of_the_commits_is_new(folder: Path) -> None:
    clones = folder / "clones"
    for day in (10, 11):
        one = Repo.__new__(Repo)
        one.path = clones / "one"
        one.commit(f"2026-01-{day}", {f"{day}.py": "import six\n"})
    scan(folder, FIRST)
    # This is another repository that was created from the same template.
    (clones / "one").rename(clones / "uno")
    one.path = clones / "uno"
    one.git("reset", "-q", "--hard", "HEAD~3")
    one.commit("2026-02-01", {"other.py": "import six\n"})
    assert "one is now uno" not in scan(folder, SECOND)
    assert names(folder)["uno"] == "open"


def test_a_copy_is_a_new_repository(folder: Path) -> None:
    shutil.copytree(folder / "clones" / "one", folder / "clones" / "copy")
    scan(folder, SECOND)
    assert names(folder) == {"one": "open", "two": "open", "copy": "open"}


def test_two_copies_of_a_repository_that_is_gone_are_new(folder: Path) -> None:
    clones = folder / "clones"
    shutil.copytree(clones / "one", clones / "copy")
    (clones / "one").rename(clones / "other")
    scan(folder, SECOND)
    assert names(folder) == {"one": "gone", "two": "open", "copy": "open", "other": "open"}


def test_another_history_is_a_new_repository(folder: Path) -> None:
    shutil.rmtree(folder / "clones" / "one")
    Repo(folder / "clones" / "uno").commit("2026-01-02", {"a.py": "import six  # new\n"})
    scan(folder, SECOND)
    assert names(folder) == {"one": "gone", "two": "open", "uno": "open"}
