"""Who made a commit, for those that there are."""

from __future__ import annotations

from pathlib import Path

from headway.git.authors import authors
from tests.support.git import Repo


def test_names_of_those_that_are_there(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    first = repo.commit("2026-01-01", {"a.py": "1"})
    repo.commit("2026-01-02", {"a.py": "2"})
    repo.git("commit", "-q", "--amend", "--no-edit", "--author", "Zoë\u00a0O'Neil <z@example.com>")
    missing = "1" * 40
    assert authors(repo.path / ".git", [first, repo.head, missing]) == {
        first: "Ada Example",
        repo.head: "Zoë\u00a0O'Neil",
    }
    # nothing asked for is nothing, and not the tip
    assert authors(repo.path / ".git", [missing]) == {}
    assert authors(repo.path / ".git", []) == {}
