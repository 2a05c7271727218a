"""A local repository with a damaged git folder is unknown; one without its folder is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.git import Repo, git
from tests.support.workspaces import headway, rows, workspace

pytestmark = pytest.mark.fault(37)

FIRST, DAMAGED, HEALED = "2026-03-01", "2026-03-02", "2026-03-03"


def truncate(file: Path, size: int = 0) -> int:
    return file.write_bytes(file.read_bytes()[:size])


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def create_anew(folder: Path) -> None:
    shutil.rmtree(folder)
    git(folder.parent, "init", "-q")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "packed-refs deleted": lambda folder: (folder / "packed-refs").unlink(),
    "packed-refs cut off": lambda folder: truncate(folder / "packed-refs", 60),
    "packed-refs empty": lambda folder: truncate(folder / "packed-refs"),
    "HEAD deleted": lambda folder: (folder / "HEAD").unlink(),
    "HEAD empty": lambda folder: truncate(folder / "HEAD"),
    "HEAD names another branch": lambda folder: (folder / "HEAD").write_text("ref: refs/heads/x\n"),
}
BARE_DAMAGES: dict[str, Callable[[Path], object]] = DAMAGES | {
    "refs deleted": lambda folder: shutil.rmtree(folder / "refs"),
    "objects deleted": lambda folder: shutil.rmtree(folder / "objects"),
}
CLONE_DAMAGES: dict[str, Callable[[Path], object]] = DAMAGES | {
    "git folder deleted": shutil.rmtree,
    "git folder empty": empty,
    "created anew": create_anew,
}


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scanned workspace with three repositories.

    One is bare and one is not. Both have packed references and one open item. The third repository
    is never damaged.
    """
    folder = workspace(tmp_path_factory.mktemp("scanned") / "ws")
    for name in ("clone", "other"):
        Repo(folder / "clones" / name).commit("2026-01-02", {"a.py": "import six\n"})
    git(folder / "clones" / "clone", "gc", "-q")
    git(folder / "clones", "clone", "-q", "--bare", "clone", "bare.git")
    git(folder / "clones" / "bare.git", "gc", "-q")
    scan(folder, FIRST, code=0)
    return folder


@pytest.fixture
def folder(scanned: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned, tmp_path / "ws")


def scan(folder: Path, day: str, *, code: int, fetch: bool = True) -> None:
    options = () if fetch else ("--no-fetch",)
    headway(folder, "--today", day, "scan", "--jobs", "1", *options, code=code)


def states(folder: Path, day: str) -> dict[str, tuple[str, int]]:
    found = rows(folder, "--today", day, "status", "--by", "repository")
    return {row["repository"]: (row["state"], row["open"]) for row in found}


def check(folder: Path, name: str, git_dir: Path, damage: Callable[[Path], object]) -> None:
    """Damage a repository, scan it, restore it, and scan it again."""
    intact = dict.fromkeys(("bare", "clone", "other"), ("open", 1))
    copy = folder / "copy"
    shutil.copytree(git_dir, copy)
    damage(git_dir)
    for fetch in (True, False):
        scan(folder, DAMAGED, code=3, fetch=fetch)
        assert states(folder, DAMAGED) == intact | {name: ("unknown", 1)}
    (status,) = rows(folder, "--today", DAMAGED, "status")
    assert (status["open"], status["unknown"]) == (3, 1)
    shutil.rmtree(git_dir, ignore_errors=True)
    shutil.copytree(copy, git_dir)
    scan(folder, HEALED, code=0)
    assert states(folder, HEALED) == intact
    history = rows(folder, "--today", HEALED, "items", "--state", "all")
    assert [item["state"] for item in history] == ["open"] * 3


@pytest.mark.parametrize("damage", CLONE_DAMAGES)
def test_a_damaged_clone_is_unknown_and_keeps_its_items(folder: Path, damage: str) -> None:
    check(folder, "clone", folder / "clones" / "clone" / ".git", CLONE_DAMAGES[damage])


@pytest.mark.parametrize("damage", BARE_DAMAGES)
def test_a_damaged_bare_repository_is_unknown_and_keeps_its_items(
    folder: Path, damage: str
) -> None:
    check(folder, "bare", folder / "clones" / "bare.git", BARE_DAMAGES[damage])


def test_the_reason_names_the_folder_and_the_next_step(folder: Path) -> None:
    shutil.rmtree(folder / "clones" / "clone" / ".git")
    scan(folder, DAMAGED, code=3)
    found = rows(folder, "--today", DAMAGED, "status", "--by", "repository")
    (reason,) = [row["reason"] for row in found if row["repository"] == "clone"]
    clone = folder / "clones" / "clone"
    assert f"the folder {clone} still exists" in reason
    assert f"if you no longer need the repository, delete {clone}" in reason


def test_a_repository_whose_folder_was_removed_is_gone(folder: Path) -> None:
    shutil.rmtree(folder / "clones" / "clone")
    scan(folder, DAMAGED, code=0)
    assert states(folder, DAMAGED)["clone"][0] == "gone"
