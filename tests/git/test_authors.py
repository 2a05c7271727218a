"""`authors` finds the authors of the changes that a commit landed."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.git.authors import authors
from tests.support.git import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit("2026-01-01", {"a.py": "1", "b.py": "1"})
    return repo


def commit(
    repo: Repo, author: str, files: dict[str, str | bytes | None], message: str = "x"
) -> str:
    repo.commit("2026-01-02", files)
    amend(repo, author, message)
    return repo.head


def amend(repo: Repo, author: str, message: str = "x") -> None:
    repo.git("commit", "-q", "--amend", "-m", message, "--author", f"{author} <{author[0]}@x>")


def merge(repo: Repo, *branches: str) -> str:
    repo.git("merge", "-q", "--no-ff", "-m", "merge", *branches, at="2026-01-03")
    amend(repo, "Merge Bot", "merge")
    return repo.head


def names(repo: Repo, commit: str, path: str, after: str | None = None) -> tuple[str, ...]:
    git_dir = repo.path / ".git"
    return authors(git_dir, repo.head, {commit: [path]}, after=after)[commit, path]


def test_the_author_of_a_commit(repo: Repo) -> None:
    head = commit(repo, "Zoë\u00a0O'Neil", {"a.py": "2"})
    missing = "1" * 40
    found = authors(repo.path / ".git", head, {head: ["a.py"], missing: ["a.py"]})
    assert found == {(head, "a.py"): ("Zoë\u00a0O'Neil",)}
    # Without existing commits, git must not fall back to HEAD.
    assert authors(repo.path / ".git", head, {missing: ["a.py"]}) == {}
    assert authors(repo.path / ".git", head, {}) == {}


def test_co_authors_follow_the_author(repo: Repo) -> None:
    message = (
        "squash\n\nCo-authored-by: Bea <b@x>\nco-authored-by: Cy <c@x>\n"
        "Co-authored-by: Ada <A@x>\nCo-authored-by: <d@x>\nCo-authored-by: nobody\n"
        "Reviewed-by: Eve <e@x>\n"
    )
    head = commit(repo, "Ada", {"a.py": "2"}, message)
    assert names(repo, head, "a.py") == ("Ada", "Bea", "Cy", "d@x", "nobody")


def test_a_merge_is_credited_per_file_to_whoever_changed_it(repo: Repo) -> None:
    start = repo.head
    repo.git("checkout", "-q", "-b", "side")
    commit(repo, "Ada", {"a.py": "2"})
    commit(repo, "Bea", {"b.py": "2"})
    commit(repo, "Cy", {"a.py": "3"}, "x\n\nCo-authored-by: Di <d@x>")
    commit(repo, "Last", {"c.py": "1"})
    repo.git("checkout", "-q", "main")
    commit(repo, "Main", {"d.py": "1"})
    merged = merge(repo, "side")
    for after in (None, start):
        assert names(repo, merged, "a.py", after) == ("Cy", "Di", "Ada")
        assert names(repo, merged, "b.py", after) == ("Bea",)
        # No merged commit changed this file.
        assert names(repo, merged, "d.py", after) == ("Merge Bot",)


def test_an_octopus_merge(repo: Repo) -> None:
    for name in ("Ada", "Bea", "Cy"):
        repo.git("checkout", "-q", "-b", name, "main")
        commit(repo, name, {f"{name}.py": "1"})
    repo.git("checkout", "-q", "main")
    merged = merge(repo, "Ada", "Bea", "Cy")
    assert [names(repo, merged, f"{name}.py") for name in ("Ada", "Bea", "Cy")] == [
        ("Ada",),
        ("Bea",),
        ("Cy",),
    ]


def test_a_merge_of_main_into_a_branch(repo: Repo) -> None:
    """The feature branch becomes main, so the merge lands the commits that others made on main."""
    repo.git("checkout", "-q", "-b", "feature")
    commit(repo, "Ada", {"f.py": "1"})
    repo.git("checkout", "-q", "main")
    commit(repo, "Bea", {"a.py": "2"})
    commit(repo, "Cy", {"b.py": "2"})
    repo.git("checkout", "-q", "feature")
    merged = merge(repo, "main")
    assert names(repo, merged, "a.py") == ("Bea",)
    assert names(repo, merged, "b.py") == ("Cy",)


def test_each_merge_is_credited_with_its_own_commits_only(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    commit(repo, "Ada", {"a.py": "2"})
    repo.git("checkout", "-q", "main")
    commit(repo, "Main", {"d.py": "1"})
    first = merge(repo, "side")
    repo.git("checkout", "-q", "side")
    commit(repo, "Bea", {"a.py": "3"})
    repo.git("checkout", "-q", "main")
    second = merge(repo, "side")
    found = authors(repo.path / ".git", second, {first: ["a.py"], second: ["a.py"]})
    assert found == {(first, "a.py"): ("Ada",), (second, "a.py"): ("Bea",)}


def test_the_mailmap_of_the_tip_applies(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = commit(repo, "ada", {"a.py": "2"}, "x\n\nCo-authored-by: B. <b@x>")
    assert names(repo, first, "a.py") == ("ada", "B.")
    mailmap = "# people\nAda L\u00f6we <a@x>\nBea <bea@y> <b@x>\n".encode("latin-1")
    commit(repo, "cy", {".mailmap": mailmap})
    assert names(repo, first, "a.py") == ("Ada L\ufffdwe", "Bea")
    commit(repo, "cy", {".mailmap": "Ada Löwe <a@x>\n"})
    assert names(repo, first, "a.py") == ("Ada Löwe", "B.")
    commit(repo, "cy", {".mailmap": None})
    # Neither an uncommitted .mailmap nor one in the current folder applies.
    (repo.path / ".mailmap").write_text("No <a@x>\n")
    (tmp_path / ".mailmap").write_text("No <a@x>\n")
    for folder in (repo.path, tmp_path):
        monkeypatch.chdir(folder)
        assert names(repo, first, "a.py") == ("ada", "B.")


def test_paths_with_arbitrary_bytes(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    commit(repo, "Ada", {"é\n.py": "1", 'q".py': "1"})
    repo.git("checkout", "-q", "main")
    merged = merge(repo, "side")
    assert names(repo, merged, "é\n.py") == ("Ada",)
    assert names(repo, merged, 'q".py') == ("Ada",)
