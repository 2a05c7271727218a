"""The authors of commits."""

from __future__ import annotations

from pathlib import Path

from headway.git.authors import authors
from tests.support.git import Repo


def test_authors_of_existing_commits(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    first = repo.commit("2026-01-01", {"a.py": "1"})
    repo.commit("2026-01-02", {"a.py": "2"})
    repo.git("commit", "-q", "--amend", "--no-edit", "--author", "Zoë\u00a0O'Neil <z@example.com>")
    missing = "1" * 40
    assert authors(repo.path / ".git", [first, repo.head, missing]) == {
        first: "Ada Example",
        repo.head: "Zoë\u00a0O'Neil",
    }
    # without existing commits, git must not fall back to HEAD
    assert authors(repo.path / ".git", [missing]) == {}
    assert authors(repo.path / ".git", []) == {}
