"""Local repositories are listed by reading their files, which may contain anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from headway.forges.sources.local import LocalSource, SameNameError, SourceFolderError
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
    found = listed(tmp_path)
    assert {
        name: (repository.default_branch, repository.tip) for name, repository in found.items()
    } == {
        "deep/one": ("main", tip),
        "two": ("main", tip),
    }
    assert found["two"].key == "local/clones/two"
    assert found["deep/one"].clone_url == f"{tmp_path}/deep/one/.git"


def test_mirrors_of_a_workspace_in_the_folder_are_not_listed(tmp_path: Path) -> None:
    Repo(tmp_path / "one").commit("2026-01-01", {"a.py": "1"})
    for workspace in (tmp_path, tmp_path / "work"):
        bare(workspace / ".headway" / "mirrors" / "one.git")
    assert set(listed(tmp_path)) == {"one"}


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
        ("junk", "HEAD names neither a branch nor a commit"),
        ("", "HEAD names neither a branch nor a commit"),
        ("ref: ../../../etc/passwd", "HEAD points outside the repository's references"),
        ("ref: refs/heads/../../../config", "HEAD points outside the repository's references"),
        ("ref: refs/heads/.invalid", "the references are in a format that is not supported"),
        ("ref: refs/heads/loop", "HEAD points to itself"),
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
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "above").symlink_to("..")
    assert list(listed(tmp_path)) == ["one"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceFolderError, match="there is no such folder"):
        LocalSource(tmp_path / "gone", "clones").list_repositories()


def test_a_name_that_is_not_utf_8_is_escaped(tmp_path: Path) -> None:
    bare(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.git")))
    assert list(listed(tmp_path)) == ["caf\\xe9"]


def notes(folder: Path) -> list[str]:
    return list(LocalSource(folder, "clones").list_repositories().notes.values())


@pytest.fixture
def upstream(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "upstream")
    repo.commit("2026-01-01", {"a.py": "1"})
    return repo


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    (tmp_path / "clones").mkdir()
    return tmp_path / "clones"


def clone(upstream: Repo, place: Path, *options: str) -> Repo:
    git(upstream.path, "clone", "-q", *options, os.fspath(upstream.path), os.fspath(place))
    return Repo(place)


def test_a_link_or_linked_work_tree_is_not_a_repository_of_its_own(clones: Path) -> None:
    repo = Repo(clones / "one")
    tip = repo.commit("2026-01-01", {"a.py": "1"})
    repo.git("worktree", "add", "-q", "-b", "side", os.fspath(clones / "a-side"))
    (clones / "a-link").symlink_to("one")
    (clones / "group").mkdir()
    (clones / "group" / "link").symlink_to("../one")
    found = listed(clones)
    assert {name: entry.tip for name, entry in found.items()} == {"one": tip}


def test_links_to_repositories_elsewhere_are_listed_once(upstream: Repo, clones: Path) -> None:
    (clones / "b").symlink_to(upstream.path)
    (clones / "a").symlink_to(upstream.path)
    assert list(listed(clones)) == ["a"]


def test_a_linked_work_tree_stands_for_a_repository_elsewhere(upstream: Repo, clones: Path) -> None:
    tip = upstream.git("rev-parse", "HEAD").strip()
    upstream.git("worktree", "add", "-q", "-b", "side", os.fspath(clones / "side"))
    Repo(clones / "side").commit("2026-02-01", {"a.py": "2"})
    assert [(entry.default_branch, entry.tip) for entry in listed(clones).values()] == [
        ("main", tip)
    ]


def test_work_trees_of_a_bare_repository_are_not_listed_beside_it(
    upstream: Repo, clones: Path
) -> None:
    git(clones, "clone", "-q", "--bare", os.fspath(upstream.path), "app.git")
    git(clones / "app.git", "worktree", "add", "-q", "-b", "side", "../side")
    assert [(name, entry.default_branch) for name, entry in listed(clones).items()] == [
        ("app", "main")
    ]


def test_clones_and_submodules_inside_a_work_tree_are_not_listed(
    upstream: Repo, clones: Path
) -> None:
    outer = clone(upstream, clones / "outer")
    clone(upstream, clones / "outer" / "vendor" / "inner")
    outer.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q",
        os.fspath(upstream.path), "sub",
    )  # fmt: skip
    assert list(listed(clones)) == ["outer"]
    assert list(listed(clones / "outer")) == ["outer"]


def test_a_source_folder_inside_a_work_tree_lists_its_submodules(
    upstream: Repo, tmp_path: Path
) -> None:
    workspace = Repo(tmp_path / "workspace")
    workspace.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q",
        os.fspath(upstream.path), "clones/app",
    )  # fmt: skip
    assert [
        (name, entry.default_branch) for name, entry in listed(workspace.path / "clones").items()
    ] == [("app", "main")]


@pytest.mark.parametrize("second", ["app.git", "app.git.git"])
def test_two_repositories_of_one_name_are_an_error_that_names_both(
    clones: Path, second: str
) -> None:
    first = second.removesuffix(".git")
    Repo(clones / first).commit("2026-01-01", {"a.py": "1"})
    bare(clones / second)
    if first == "app":
        with pytest.raises(SameNameError, match=r"the name app: app and app\.git; rename"):
            listed(clones)
    else:
        assert sorted(listed(clones)) == ["app", "app.git"]


@pytest.mark.parametrize("packed", [False, True])
def test_the_default_branch_of_origin_is_scanned(
    upstream: Repo, clones: Path, packed: bool
) -> None:
    tip = upstream.git("rev-parse", "HEAD").strip()
    app = clone(upstream, clones / "app")
    app.git("checkout", "-q", "-b", "feature")
    app.commit("2026-02-01", {"a.py": "2"})
    if packed:
        app.git("pack-refs", "--all")
    found = listed(clones)["app"]
    assert (found.default_branch, found.tip) == ("main", tip)
    assert notes(clones) == ["origin/main is scanned; feature is checked out"]


def test_a_detached_head_changes_nothing(upstream: Repo, clones: Path) -> None:
    first = upstream.git("rev-parse", "HEAD").strip()
    tip = upstream.commit("2026-02-01", {"a.py": "2"})
    clone(upstream, clones / "app").git("checkout", "-q", first)
    found = listed(clones)["app"]
    assert (found.default_branch, found.tip) == ("main", tip)
    assert notes(clones) == ["origin/main is scanned; HEAD is checked out"]


def test_local_commits_that_are_not_at_origin_are_noted(upstream: Repo, clones: Path) -> None:
    tip = upstream.git("rev-parse", "HEAD").strip()
    app = clone(upstream, clones / "app")
    assert notes(clones) == []
    app.commit("2026-02-01", {"a.py": "2"})
    assert listed(clones)["app"].tip == tip
    assert notes(clones) == [
        "origin/main is scanned; the local branch main is 1 commit ahead of it"
    ]


def test_a_clone_that_was_not_pulled_is_noted(upstream: Repo, clones: Path) -> None:
    app = clone(upstream, clones / "app")
    for day in ("2026-02-01", "2026-02-02", "2026-02-03"):
        tip = upstream.commit(day, {"a.py": day})
    app.git("fetch", "-q")
    assert listed(clones)["app"].tip == tip
    assert notes(clones) == ["origin/main is scanned; the local branch main is 3 commits behind it"]


def test_a_branch_whose_commits_are_missing_differs(upstream: Repo, clones: Path) -> None:
    app = clone(upstream, clones / "app")
    (app.path / ".git" / "refs" / "heads" / "main").write_text("1" * 40 + "\n")
    assert notes(clones) == ["origin/main is scanned; the local branch main differs from it"]


def test_without_a_default_branch_of_origin_the_checked_out_branch_is_scanned(
    upstream: Repo, clones: Path
) -> None:
    app = clone(upstream, clones / "app")
    app.git("remote", "set-head", "origin", "--delete")
    assert notes(clones) == []
    tip = app.git("rev-parse", "HEAD").strip()
    upstream.commit("2026-02-01", {"a.py": "2"})
    app.git("fetch", "-q")
    app.git("remote", "set-head", "origin", "--delete")
    assert listed(clones)["app"].tip == tip
    (note,) = notes(clones)
    assert note == (
        "the local branch main is scanned and is 1 commit behind origin/main; "
        "run `git pull` in the clone"
    )
    upstream.commit("2026-02-02", {"a.py": "3"})
    app.git("fetch", "-q")
    app.git("remote", "set-head", "origin", "--delete")
    app.commit("2026-02-03", {"b.py": "1"})
    (note,) = notes(clones)
    assert "is scanned and is 1 commit ahead of and 2 commits behind origin/main; run" in note


def test_a_default_branch_of_origin_that_is_gone_is_noted(upstream: Repo, clones: Path) -> None:
    app = clone(upstream, clones / "app")
    tip = app.git("rev-parse", "HEAD").strip()
    app.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    found = listed(clones)["app"]
    assert (found.default_branch, found.tip) == ("main", tip)
    (note,) = notes(clones)
    assert "origin/HEAD names gone, which does not exist" in note


def test_a_bare_repository_is_scanned_at_its_head(upstream: Repo, clones: Path) -> None:
    app = clones / "app.git"
    git(clones, "clone", "-q", "--bare", os.fspath(upstream.path), "app.git")
    git(app, "update-ref", "refs/remotes/origin/other", "HEAD")
    git(app, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/other")
    assert listed(clones)["app"].default_branch == "main"


def test_a_work_tree_with_its_git_folder_elsewhere_is_a_repository(
    upstream: Repo, clones: Path, tmp_path: Path
) -> None:
    app = clone(upstream, clones / "app", f"--separate-git-dir={tmp_path / 'elsewhere'}")
    app.git("checkout", "-q", "-b", "feature")
    assert listed(clones)["app"].default_branch == "main"
