"""Repositories on this machine are listed from plain files, whatever these hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from headway.forges.sources.local import LocalSource, SourceFolderError
from headway.model.repository import Repository
from tests.support.git import Repo, git


def listed(folder: Path) -> dict[str, Repository]:
    listing = LocalSource(folder, "clones").list_repositories()
    assert listing.complete
    return {it.name: it for it in listing.repositories}


def unlisted(folder: Path) -> dict[str, str]:
    listing = LocalSource(folder, "clones").list_repositories()
    return {it.name: it.reason for it in listing.unlisted}


def bare(place: Path, head: str = "ref: refs/heads/main\n") -> Path:
    for name in ("objects", "refs/heads"):
        (place / name).mkdir(parents=True)
    (place / "HEAD").write_text(head)
    return place


def test_work_trees_bare_ones_and_linked_ones_by_their_path(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "deep" / "one")
    tip = repo.commit("2026-01-01", {"a.py": "1"})
    git(tmp_path, "clone", "-q", "--bare", os.fspath(repo.path), os.fspath(tmp_path / "two.git"))
    repo.git("worktree", "add", "-q", "-b", "side", os.fspath(tmp_path / "three"))
    found = listed(tmp_path)
    assert {name: (it.default_branch, it.tip) for name, it in found.items()} == {
        "deep/one": ("main", tip),
        "three": ("side", tip),
        "two": ("main", tip),
    }
    assert found["two"].key == "local/clones/two"
    assert found["deep/one"].clone_url == f"{tmp_path}/deep/one/.git"


def test_packed_references(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "one")
    tip = repo.commit("2026-01-01", {"a.py": "1"})
    repo.git("tag", "-a", "-m", "x", "refs/heads/main")
    repo.git("branch", "other/main")
    repo.git("pack-refs", "--all")
    assert listed(tmp_path)["one"].tip == tip


def test_the_page_comes_from_origin_without_credentials(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "one")
    repo.git("remote", "add", "other", "https://github.com/other/one")
    repo.git("remote", "add", "origin", "https://me:secret@github.com/acme/one.git")
    it = listed(tmp_path)["one"]
    assert (it.web_url, it.link_style) == ("https://github.com/acme/one", "github")


def test_empty_is_not_the_same_as_without_the_branch_that_its_head_names(tmp_path: Path) -> None:
    bare(tmp_path / "empty.git")
    other = bare(tmp_path / "renamed.git")
    (other / "refs" / "heads" / "trunk").write_text("1" * 40)
    found = listed(tmp_path)
    assert [(it.tip, it.empty) for it in found.values()] == [(None, True), (None, False)]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("junk", "its HEAD names neither a branch nor a commit"),
        ("", "its HEAD names neither a branch nor a commit"),
        ("ref: ../../../etc/passwd", "its HEAD points outside its references"),
        ("ref: refs/heads/../../../config", "its HEAD points outside its references"),
        ("ref: refs/heads/.invalid", "its references are in a format that is not supported"),
        ("ref: refs/heads/round", "its HEAD points to itself"),
        (f"ref: refs/heads/{'x' * 300}", "File name too long"),
    ],
)
def test_a_head_that_says_nothing(tmp_path: Path, head: str, reason: str) -> None:
    place = bare(tmp_path / "one.git", head)
    (place / "refs" / "heads" / "round").write_text("ref: refs/heads/round\n")
    assert unlisted(tmp_path) == {"one": reason}


def test_a_name_with_nul_is_no_reference(tmp_path: Path) -> None:
    bare(tmp_path / "one.git", "ref: refs/heads/a\0b\n")
    assert listed(tmp_path)["one"].tip is None


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("put", [_pipe, _loop, _folder])
@pytest.mark.parametrize("name", ["refs/heads/main", "packed-refs", "config", "commondir", ".git"])
def test_what_is_no_file_is_never_waited_for(
    tmp_path: Path, put: Callable[[Path], None], name: str
) -> None:
    put(bare(tmp_path / "one.git") / name)
    if (put, name) == (_folder, ".git"):
        assert unlisted(tmp_path) == {"one": "No such file or directory"}
    else:
        assert listed(tmp_path)["one"].tip is None


def test_a_pipe_for_a_head_is_no_repository(tmp_path: Path) -> None:
    place = bare(tmp_path / "one.git")
    (place / "HEAD").unlink()
    _pipe(place / "HEAD")
    assert not listed(tmp_path)


def test_links_that_lead_nowhere_or_round_are_passed_over(tmp_path: Path) -> None:
    Repo(tmp_path / "one").commit("2026-01-01", {"a.py": "1"})
    _loop(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "again").symlink_to("one")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "above").symlink_to("..")
    assert sorted(listed(tmp_path)) == ["again", "one"]


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceFolderError, match="there is no such folder"):
        LocalSource(tmp_path / "gone", "clones").list_repositories()


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    bare(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.git")))
    assert list(listed(tmp_path)) == ["caf\\xe9"]
