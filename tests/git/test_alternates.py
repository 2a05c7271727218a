"""Headway reads repositories that borrow objects from others in the same way as git."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.git.alternates import object_folders
from headway.git.history import NotACommitError, read_chain
from headway.git.mirrors import Mirrors
from tests.support.git import Repo, git


def nested(repo: Repo, folder: Path, levels: int) -> list[Path]:
    """Create clones without objects of their own, each of which borrows from the one before."""
    clones = [repo.path / ".git"]
    for number in range(levels):
        clone = folder / f"clone {number}.git"
        git(folder, "clone", "-q", "--bare", "--shared", str(repo.path), str(clone))
        (clone / "objects" / "info" / "alternates").write_text(f"{clones[-1] / 'objects'}\n")
        clones.append(clone)
    return clones


@pytest.mark.fault(41)
def test_nested_alternates_are_read_up_to_the_limit_of_git(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    head = repo.commit("2026-01-01", {"a.py": "import six\n"})
    *_, last = nested(repo, tmp_path, 6)
    assert git(last, "rev-list", "HEAD").split() == [head]
    mirror = Mirrors(tmp_path / "mirrors").borrow("local/one", last, head)
    assert read_chain(mirror, head).commits == [head]


def test_relative_and_quoted_names_are_followed_and_others_ignored(tmp_path: Path) -> None:
    for name in ("one", "two", 'a "b"'):
        (tmp_path / name / "info").mkdir(parents=True)
    alternates = tmp_path / "one" / "info" / "alternates"
    alternates.write_text(f'# note\n../two\n"{tmp_path}/a \\"b\\""\n/missing\n\n')
    (tmp_path / "two" / "info" / "alternates").write_text("../one\n")
    names = [folder.name for folder in object_folders(tmp_path / "one")]
    assert names == ["one", "two", 'a "b"']


@pytest.mark.fault(37)
@pytest.mark.parametrize("name", ["HEAD:a.py", "HEAD^{tree}"])
def test_a_branch_that_points_to_another_kind_of_object_is_an_error(
    tmp_path: Path, name: str
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit("2026-01-01", {"a.py": "import six\n"})
    tip = repo.git("rev-parse", name).strip()
    with pytest.raises(NotACommitError, match=r"is not a commit; restore the branch"):
        read_chain(repo.path / ".git", tip)
