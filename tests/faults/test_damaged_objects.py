"""A damaged object affects only the campaigns that must read it, and never changes a number."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

CAMPAIGN = """title: Remove
starts: {starts}
deprecated: [{{id: six, scanner: regex, pattern: import six, paths: ["**/*.py"]}}]
"""
NEW, OLD = CAMPAIGN.format(starts="2026-01-06"), CAMPAIGN.format(starts="2026-01-01")
pytestmark = pytest.mark.fault(41)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "ws" / "clones" / "one")
    for day in range(1, 9):
        repo.commit(f"2026-01-0{day}", {f"lib/{day}.py": f"import six  # {day}\n"})
    return repo


def loose(repo: Repo, name: str) -> Path:
    identity = repo.git("rev-parse", name).strip()
    path = repo.path / ".git" / "objects" / identity[:2] / identity[2:]
    path.chmod(0o600)
    return path


def states(folder: Path, day: str) -> dict[str, tuple[object, object]]:
    found = rows(folder, "status", "--by", "repository", "--today", day)
    return {row["campaign"]: (row["state"], row["open"]) for row in found}


def scan(folder: Path, day: str, code: int, *options: str) -> str:
    return headway(folder, "scan", "--jobs", "1", "--today", day, *options, code=code).stderr


def copy_over(repo: Repo, target: str, source: str) -> None:
    shutil.copy(loose(repo, source), loose(repo, target))


DAMAGES: dict[str, Callable[[Repo], object]] = {
    "missing tree": lambda repo: loose(repo, "HEAD~5:lib").unlink(),
    "other tree": lambda repo: copy_over(repo, "HEAD~5:lib", "HEAD:lib"),
    "truncated tree": lambda repo: loose(repo, "HEAD~5:lib").write_bytes(b"x"),
    "missing root": lambda repo: loose(repo, "HEAD~5^{tree}").unlink(),
    "missing commit": lambda repo: loose(repo, "HEAD~5").unlink(),
    "other commit": lambda repo: copy_over(repo, "HEAD~5", "HEAD~6"),
}
"""Ways to damage the third of eight commits, which were made on the first eight days of 2026."""


def coverage(folder: Path, campaign: str, until: str) -> dict[str, object]:
    found = rows(folder, "burndown", campaign, "--by", "day", "--today", until)
    return {row["date"]: row["coverage"] for row in found}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_history_is_read_from_the_first_commit_after_an_old_damaged_object(
    repo: Repo, tmp_path: Path, damage: str
) -> None:
    folder = workspace(tmp_path / "ws", new=NEW, old=OLD)
    DAMAGES[damage](repo)
    errors = scan(folder, "2026-02-01", 0)
    assert "one: the history before commit " in errors
    assert "is unknown, because " in errors
    assert states(folder, "2026-02-01") == {"new": ("open", 8), "old": ("open", 8)}
    days = coverage(folder, "old", "2026-02-01")
    known = sorted(day for day, share in days.items() if share == 1)
    assert days["2026-01-01"] == days["2026-01-03"] == 0
    assert known[0] == ("2026-01-04" if damage == "other commit" else "2026-01-05")
    assert set(coverage(folder, "new", "2026-02-01").values()) == {1}


@pytest.mark.parametrize("damage", ["missing tree", "missing commit"])
def test_a_damaged_history_continues_and_is_read_again_after_its_repair(
    repo: Repo, tmp_path: Path, damage: str
) -> None:
    folder = workspace(tmp_path / "ws", old=OLD)
    path = loose(repo, {"missing tree": "HEAD~5:lib", "missing commit": "HEAD~5"}[damage])
    content = path.read_bytes()
    path.unlink()
    scan(folder, "2026-02-01", 0)
    repo.commit("2026-02-02", {"lib/1.py": "# done\n"})
    for day in ("2026-02-03", "2026-02-04"):
        assert "the history before commit " in scan(folder, day, 0)
        assert states(folder, day) == {"old": ("open", 7)}
    closed = rows(folder, "items", "--state", "fixed", "--today", "2026-02-03")
    assert [item["path"] for item in closed] == ["lib/1.py"]

    path.write_bytes(content)
    assert "the history before" not in scan(folder, "2026-02-05", 0)
    repaired = rows(folder, "items", "--state", "all", "--today", "2026-02-05")
    whole = workspace(tmp_path / "whole", old=OLD)
    shutil.copytree(repo.path, whole / "clones" / "one")
    scan(whole, "2026-02-05", 0)
    assert repaired == rows(whole, "items", "--state", "all", "--today", "2026-02-05")
    assert set(coverage(folder, "old", "2026-02-05").values()) == {1}


def test_items_keep_their_history_if_a_newer_object_is_damaged(repo: Repo, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", old=OLD)
    scan(folder, "2026-02-01", 0)
    before = rows(folder, "items", "--state", "all", "--today", "2026-02-01")
    for day in range(2, 6):
        repo.commit(f"2026-02-0{day}", {f"lib/{day}.py": "# done\n"})
    loose(repo, "HEAD~2:lib").unlink()
    scan(folder, "2026-02-06", 3)
    assert states(folder, "2026-02-06") == {"old": ("unknown", 8)}
    assert rows(folder, "items", "--state", "all", "--today", "2026-02-01") == before


def test_a_new_campaign_does_not_disturb_one_that_continues(repo: Repo, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", new=NEW)
    scan(folder, "2026-02-01", 0)
    loose(repo, "HEAD~5:lib").unlink()
    (folder / "campaigns" / "old.yaml").write_text(OLD)
    repo.commit("2026-02-02", {"lib/1.py": "# done\n"})
    scan(folder, "2026-02-03", 0)
    assert states(folder, "2026-02-03") == {"new": ("open", 7), "old": ("open", 7)}
    closed = rows(folder, "items", "--state", "fixed", "--today", "2026-02-03")
    assert sorted((item["campaign"], item["path"]) for item in closed) == [
        ("new", "lib/1.py"),
        ("old", "lib/1.py"),
    ]


def test_a_damaged_tree_at_the_tip_is_unknown(repo: Repo, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", old=OLD)
    loose(repo, "HEAD:lib").unlink()
    scan(folder, "2026-02-01", 3)
    assert states(folder, "2026-02-01") == {"old": ("unknown", 0)}


@pytest.mark.parametrize("kind", ["blob", "tree"])
def test_a_file_with_another_content_is_unknown_and_never_fixed(
    repo: Repo, tmp_path: Path, kind: str
) -> None:
    folder = workspace(tmp_path / "ws", old=OLD)
    scan(folder, "2026-02-01", 0)
    repo.commit("2026-02-02", {"lib/1.py": "import six  # still\n"})
    loose(repo, "HEAD:lib/1.py").write_bytes(zlib.compress(f"{kind} 0\0".encode()))
    errors = scan(folder, "2026-02-03", 3)
    assert "lib/1.py" in errors
    assert "does not match its ID" in errors
    assert states(folder, "2026-02-03") == {"old": ("unknown", 8)}


@pytest.mark.parametrize("damage", ["missing tree", "missing commit"])
def test_try_searches_the_tip_and_the_readable_history(
    repo: Repo, tmp_path: Path, damage: str
) -> None:
    folder = workspace(tmp_path / "ws", old=OLD)
    DAMAGES[damage](repo)
    at = ("try", "old", "--jobs", "1", "--today", "2026-02-01")
    assert "old: 8 matches in 1 of 1 repository" in headway(folder, *at).stdout
    done = headway(folder, *at, "--history", "--repository", "one")
    assert "one: the history before commit " in done.stderr
    assert "8" in done.stdout


def test_try_says_which_object_of_the_tip_is_damaged(repo: Repo, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", old=OLD)
    path = loose(repo, "HEAD:lib")
    path.unlink()
    message = headway(folder, "try", "old", "--jobs", "1", code=3).stderr
    assert "unknown: one: " in message
    assert path.name[:8] in message
