"""Local repositories are listed from their files, whatever these contain."""

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
    return {repository.name: repository for repository in listing.repositories}


def unlisted(folder: Path) -> dict[str, str]:
    listing = LocalSource(folder, "clones").list_repositories()
    return {entry.name: entry.reason for entry in listing.unlisted}


def bare(place: Path, head: str = "ref: refs/heads/main\n") -> Path:
    for name in ("objects", "refs/heads"):
        (place / name).mkdir(parents=True)
    (place / "HEAD").write_text(head)
    return place


def test_work_trees_and_bare_repositories_are_named_by_their_path(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "deep" / "one")
    tip = repo.commit("2026-01-01", {"a.py": "1"})
    git(tmp_path, "clone", "-q", "--bare", os.fspath(repo.path), os.fspath(tmp_path / "two.git"))
    repo.git("worktree", "add", "-q", "-b", "side", os.fspath(tmp_path / "three"))
    found = listed(tmp_path)
    assert {
        name: (repository.default_branch, repository.tip) for name, repository in found.items()
    } == {
        "deep/one": ("main", tip),
        "three": ("side", tip),
        "two": ("main", tip),
    }
    assert found["two"].key == "local/clones/two"
    assert found["deep/one"].clone_url == f"{tmp_path}/deep/one/.git"


def test_packed_references_are_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "one")
    tip = repo.commit("2026-01-01", {"a.py": "1"})
    repo.git("tag", "-a", "-m", "x", "refs/heads/main")
    repo.git("branch", "other/main")
    repo.git("pack-refs", "--all")
    assert listed(tmp_path)["one"].tip == tip


def test_the_web_page_is_that_of_origin_without_credentials(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "one")
    repo.git("remote", "add", "other", "https://github.com/other/one")
    repo.git("remote", "add", "origin", "https://me:secret@github.com/acme/one.git")
    repository = listed(tmp_path)["one"]
    assert (repository.web_url, repository.link_style) == ("https://github.com/acme/one", "github")


def test_a_repository_with_a_missing_branch_is_not_empty(tmp_path: Path) -> None:
    bare(tmp_path / "empty.git")
    other = bare(tmp_path / "renamed.git")
    (other / "refs" / "heads" / "trunk").write_text("1" * 40)
    found = listed(tmp_path)
    assert [(repository.tip, repository.empty) for repository in found.values()] == [
        (None, True),
        (None, False),
    ]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("junk", "its HEAD names neither a branch nor a commit"),
        ("", "its HEAD names neither a branch nor a commit"),
        ("ref: ../../../etc/passwd", "its HEAD points outside its references"),
        ("ref: refs/heads/../../../config", "its HEAD points outside its references"),
        ("ref: refs/heads/.invalid", "its references are in a format that is not supported"),
        ("ref: refs/heads/loop", "its HEAD points to itself"),
        (f"ref: refs/heads/{'x' * 300}", "File name too long"),
    ],
)
def test_an_unreadable_head_is_reported(tmp_path: Path, head: str, reason: str) -> None:
    place = bare(tmp_path / "one.git", head)
    (place / "refs" / "heads" / "loop").write_text("ref: refs/heads/loop\n")
    assert unlisted(tmp_path) == {"one": reason}


def test_a_reference_with_nul_in_its_name_does_not_exist(tmp_path: Path) -> None:
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
def test_pipes_and_folders_in_place_of_files_never_block(
    tmp_path: Path, put: Callable[[Path], None], name: str
) -> None:
    put(bare(tmp_path / "one.git") / name)
    if (put, name) == (_folder, ".git"):
        assert unlisted(tmp_path) == {"one": "No such file or directory"}
    else:
        assert listed(tmp_path)["one"].tip is None


def test_a_folder_whose_head_is_a_pipe_is_not_a_repository(tmp_path: Path) -> None:
    place = bare(tmp_path / "one.git")
    (place / "HEAD").unlink()
    _pipe(place / "HEAD")
    assert not listed(tmp_path)


def test_broken_and_circular_links_are_skipped(tmp_path: Path) -> None:
    Repo(tmp_path / "one").commit("2026-01-01", {"a.py": "1"})
    _loop(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "again").symlink_to("one")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "above").symlink_to("..")
    assert sorted(listed(tmp_path)) == ["again", "one"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceFolderError, match="there is no such folder"):
        LocalSource(tmp_path / "gone", "clones").list_repositories()


def test_a_name_that_is_not_utf_8_is_escaped(tmp_path: Path) -> None:
    bare(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.git")))
    assert list(listed(tmp_path)) == ["caf\\xe9"]
