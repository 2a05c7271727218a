"""A few new commits are read with one git process, with the same results as with two."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.git import new_commits
from headway.git.history import read_chain, walk
from headway.git.new_commits import read_new_commits
from headway.git.path_encoding import text_of
from tests.support.git import Repo, git


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Return a repository with a merge, a deletion, an unusual file name and an empty commit."""
    repo = Repo(tmp_path / "repo")
    repo.commit("2026-01-01", {"a.py": "import six\n", "b/c.py": "x = 1\n"})
    repo.git("tag", "known")
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("2026-01-02", {"topic.py": "import six\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("2026-01-03", {"\x02ü\n\x03.py": "import six\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at="2026-01-04")
    repo.git("commit", "-q", "--allow-empty", "-m", "nothing", at="2026-01-05")
    repo.git("rm", "-q", "b/c.py")
    repo.git("commit", "-q", "-m", "remove", at="2026-01-06")
    return repo


def commit_of(repo: Repo, name: str) -> str:
    return repo.git("rev-parse", name).strip()


def test_the_commits_and_changes_are_those_of_the_history(repo: Repo) -> None:
    git_dir, tip, after = repo.path / ".git", repo.head, commit_of(repo, "known")
    new = read_new_commits(git_dir, tip, after)
    assert new is not None
    assert new.links == read_chain(git_dir, tip, after)
    assert len(new.links.commits) == 4
    arguments = (git_dir, tip, after, text_of)
    known = list(walk(*arguments, max_files=9, log=new.log))
    assert known == list(walk(*arguments, max_files=9))
    assert [len(step.changes) for step in known] == [1, 1, 1]


@pytest.mark.parametrize("name", ["topic", "HEAD"])
def test_a_commit_that_is_not_an_earlier_one_is_rejected(repo: Repo, name: str) -> None:
    assert read_new_commits(repo.path / ".git", repo.head, commit_of(repo, name)) is None


def test_a_missing_commit_is_rejected(repo: Repo) -> None:
    assert read_new_commits(repo.path / ".git", repo.head, "1" * 40) is None


def test_many_changes_are_rejected(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_commits, "_MOST_BYTES", 100)
    assert read_new_commits(repo.path / ".git", repo.head, commit_of(repo, "known")) is None


@pytest.mark.parametrize(
    "committer",
    [
        "Ada <x> <ada@example.com> 1767700000 +0000",
        "Ada <ada@example.com> 99999999999 +0000",
        "Ada <ada@example.com> -5 +0000",
        "Ada <ada@example.com>",
        "Ada 1767700000 +0000",
    ],
)
def test_a_commit_with_an_unusual_committer_is_rejected(repo: Repo, committer: str) -> None:
    head, tree = repo.head, commit_of(repo, "HEAD^{tree}")
    author = "author Ada <ada@example.com> 1767700000 +0000"
    text = f"tree {tree}\nparent {head}\n{author}\ncommitter {committer}\n\nchange\n"
    arguments = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
    made = git(repo.path, *arguments, stdin=text.encode()).strip()
    assert read_new_commits(repo.path / ".git", made, head) is None


def test_another_commit_in_place_of_a_commit_is_rejected(repo: Repo) -> None:
    head, after = repo.head, commit_of(repo, "HEAD~2")
    objects = repo.path / ".git" / "objects"
    wrong, other = (
        objects / commit[:2] / commit[2:] for commit in (commit_of(repo, "HEAD~1"), after)
    )
    wrong.chmod(0o600)
    wrong.write_bytes(other.read_bytes())
    assert read_new_commits(repo.path / ".git", head, after) is None
