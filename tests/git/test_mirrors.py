"""Mirrors borrow objects from local repositories, and never change or run files there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headway.errors import CannotWriteError
from headway.git.history import read_chain
from headway.git.mirrors import Mirrors, shallow_commits
from tests.support.git import Repo, git

KEY = "local/clones/shop"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("2020-02-10", {"a.py": "import six\n"})
    return made


@pytest.fixture
def mirrors(tmp_path: Path) -> Mirrors:
    return Mirrors(tmp_path / "mirrors")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_borrowed_mirror_reads_the_history_and_leaves_the_original_alone(
    repo: Repo, mirrors: Mirrors
) -> None:
    before = contents(repo.path)
    mirror = mirrors.borrow(KEY, repo.path / ".git", repo.head)
    assert read_chain(mirror, repo.head).commits == [repo.head]
    assert contents(repo.path) == before
    assert mirrors.tip(KEY) == repo.head


def test_a_mirror_follows_its_original(repo: Repo, mirrors: Mirrors) -> None:
    mirrors.borrow(KEY, repo.path / ".git", repo.head)
    head = repo.commit("2020-02-11", {"a.py": "import os\n"})
    mirror = mirrors.borrow(KEY, repo.path / ".git", head)
    assert mirrors.tip(KEY) == head
    assert len(read_chain(mirror, head).commits) == 2


@pytest.mark.fault(23)
def test_foreign_configuration_of_a_mirror_is_replaced(repo: Repo, mirrors: Mirrors) -> None:
    mirror = mirrors.borrow(KEY, repo.path / ".git", repo.head)
    (mirror / "config").write_text("[core]\n\tfsmonitor = /bin/evil\n[include]\n\tpath = /x\n")
    mirrors.borrow(KEY, repo.path / ".git", repo.head)
    assert "evil" not in (mirror / "config").read_text()
    assert "include" not in (mirror / "config").read_text()


@pytest.mark.fault(23)
def test_an_unfinished_mirror_is_made_again(repo: Repo, mirrors: Mirrors) -> None:
    mirrors.path(KEY).mkdir(parents=True)
    mirror = mirrors.borrow(KEY, repo.path / ".git", repo.head)
    assert len(read_chain(mirror, repo.head).commits) == 1


def test_a_linked_work_tree_borrows_from_the_main_repository(
    repo: Repo, mirrors: Mirrors, tmp_path: Path
) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = repo.path / ".git" / "worktrees" / "linked"
    mirror = mirrors.borrow(KEY, linked, repo.head)
    assert len(read_chain(mirror, repo.head).commits) == 1


@pytest.mark.fault(22)
def test_a_shallow_history_stays_shallow_until_it_is_deepened(
    repo: Repo, mirrors: Mirrors, tmp_path: Path
) -> None:
    repo.commit("2020-02-11")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo.path}", "cut")
    mirror = mirrors.borrow(KEY, tmp_path / "cut" / ".git", repo.head)
    assert shallow_commits(mirror)
    assert len(read_chain(mirror, repo.head).commits) == 1
    git(tmp_path / "cut", "fetch", "-q", "--unshallow")
    mirror = mirrors.borrow(KEY, tmp_path / "cut" / ".git", repo.head)
    assert not shallow_commits(mirror)
    assert len(read_chain(mirror, repo.head).commits) == 2


@pytest.mark.parametrize(
    "key", ["local/../../etc", "local/a\nb", "../x/1", "/1", "local/" + "x" * 5000, "a/b/c", "."]
)
def test_no_key_leads_outside_the_folder(mirrors: Mirrors, key: str) -> None:
    path = mirrors.path(key)
    assert path.resolve().is_relative_to(mirrors.folder.resolve())
    assert len(path.relative_to(mirrors.folder).parts) == 2
    assert len(path.name) < 100


def test_a_numeric_id_is_the_name_of_the_folder(mirrors: Mirrors) -> None:
    assert mirrors.path("github.com/42") == mirrors.folder / "github.com" / "42.git"


@pytest.mark.parametrize("name", ['quo"te', "new\nline", "#hash", "sp ace", "ünï"])
def test_an_original_with_any_name_can_be_borrowed(
    mirrors: Mirrors, tmp_path: Path, name: str
) -> None:
    repo = Repo(tmp_path / name)
    repo.commit("2020-02-10", {"a.py": "x\n"})
    mirror = mirrors.borrow(KEY, repo.path / ".git", repo.head)
    assert len(read_chain(mirror, repo.head).commits) == 1


@pytest.mark.fault(6)
@pytest.mark.parametrize("largest", [10, 30], ids=["at the first file", "at a later one"])
def test_a_full_disk_leaves_no_unfinished_mirror(repo: Repo, tmp_path: Path, largest: int) -> None:
    borrow = (
        "import sys; from pathlib import Path; from headway.git.mirrors import Mirrors\n"
        "Mirrors(Path(sys.argv[1])).borrow(sys.argv[2], Path(sys.argv[3]), sys.argv[4])"
    )
    limited = ["prlimit", f"--fsize={largest}", sys.executable, "-Bc", borrow]
    folders = str(tmp_path / "mirrors"), str(repo.path / ".git")
    command = [*limited, folders[0], KEY, folders[1], repo.head]
    # Coverage is off in the child process, which could not write the data file.
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert "CannotWriteError" in done.stderr
    assert "File too large" in done.stderr
    assert not list((tmp_path / "mirrors").rglob("*.new-*"))
    mirrors = Mirrors(tmp_path / "mirrors")
    whole = mirrors.borrow(KEY, repo.path / ".git", repo.head)
    assert read_chain(whole, repo.head).commits == [repo.head]


def test_a_folder_that_cannot_be_written_is_an_error_with_advice(
    repo: Repo, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CannotWriteError, match="make it writable"):
        Mirrors(tmp_path / "taken").borrow(KEY, repo.path / ".git", repo.head)


@pytest.mark.fault(38)
def test_what_a_killed_process_left_in_the_mirrors_is_deleted(repo: Repo, mirrors: Mirrors) -> None:
    mirror = mirrors.borrow(KEY, repo.path / ".git", repo.head)
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        ended, running = killed.pid, os.getppid()
    files = list((mirror / "refs" / "headway").iterdir())
    for process in (ended, running):
        for file in (*files, mirror / "config"):
            file.with_name(f"{file.name}.new-{process}").touch()
        (mirror.parent / f"other.new-{process}" / "refs").mkdir(parents=True)
    (mirror / "config").write_text("changed")
    mirrors.borrow(KEY, repo.path / ".git", repo.commit("2020-02-11", {"a.py": "x"}))
    mirrors.delete_unfinished()
    left = {path.name.partition(".new-")[2] for path in mirrors.folder.rglob("*.new-*")}
    assert left == {str(running)}
