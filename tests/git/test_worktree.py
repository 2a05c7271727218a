"""The files of a commit are written without a git checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.git.history import TooManyFilesError
from headway.git.worktree import write_files
from tests.support.git import Repo, git


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def write(repo: Repo, folder: Path, commit: str, **limits: int) -> list[str]:
    all_limits = {"max_files": 100, "max_bytes": 1000} | limits
    return write_files(
        repo.path / ".git",
        commit,
        folder,
        max_files=all_limits["max_files"],
        max_bytes=all_limits["max_bytes"],
    )


def tree(repo: Repo, *entries: tuple[str, str]) -> str:
    """Commit entries, including names that git would not check out.

    Each entry is a pair: the mode and name, and the content.
    """
    listed = b""
    for described, content in entries:
        mode, name = described.split(" ", 1)
        blob = git(repo.path, "hash-object", "-w", "--stdin", stdin=content.encode()).strip()
        listed += f"{mode} blob {blob}\t{name}".encode() + b"\0"
    tree_id = git(repo.path, "mktree", "-z", stdin=listed).strip()
    return git(repo.path, "commit-tree", "-m", "made", tree_id, at="2020-02-10").strip()


def test_regular_files_are_written_byte_for_byte(repo: Repo, tmp_path: Path) -> None:
    content = b"a\r\nb\0\xff"
    commit = repo.commit("2020-02-10", {"lib/a.py": content, "b.py": "x\n"})
    assert write(repo, tmp_path / "out", commit) == ["b.py", "lib/a.py"]
    assert (tmp_path / "out" / "lib" / "a.py").read_bytes() == content


def test_attributes_and_filters_have_no_effect(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit("2020-02-10", {"a.txt": "$Id$\nline\n", ".gitattributes": ""})
    marker = tmp_path / "run"
    repo.git("config", "filter.evil.smudge", f"touch {marker}")
    repo.write(".gitattributes", "*.txt filter=evil ident eol=crlf\n")
    commit = repo.commit("2020-02-11")
    write(repo, tmp_path / "out", commit)
    assert (tmp_path / "out" / "a.txt").read_bytes() == b"$Id$\nline\n"
    assert not marker.exists()


def test_symbolic_links_are_not_written(repo: Repo, tmp_path: Path) -> None:
    commit = tree(repo, ("120000 link", "/etc/passwd"), ("100644 plain", "x"))
    assert write(repo, tmp_path / "out", commit) == ["plain"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["plain"]


@pytest.mark.fault(25)
@pytest.mark.parametrize("name", ["..", ".", ".git", ".GIT", ".git ", ".git.", '"q"'])
def test_names_that_a_checkout_would_refuse_are_left_out(
    repo: Repo, tmp_path: Path, name: str
) -> None:
    commit = tree(repo, (f"100644 {name}", "evil"), ("100644 plain", "x"))
    assert write(repo, tmp_path / "out", commit) == ["plain"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "repo"]


def test_a_large_file_is_left_out_but_too_many_files_are_an_error(
    repo: Repo, tmp_path: Path
) -> None:
    commit = repo.commit("2020-02-10", {"a": "x" * 11, "b": "y"})
    assert write(repo, tmp_path / "out", commit, max_bytes=10) == ["b"]
    with pytest.raises(TooManyFilesError):
        write(repo, tmp_path / "more", commit, max_files=1)
