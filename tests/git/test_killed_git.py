"""A git process that is killed is started again, and nothing is lost or read twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from headway.git.history import read_chain, read_tree, walk
from headway.git.objects import BlobReader, UnreadableObjectError, read_each_text
from headway.git.path_encoding import text_of
from headway.git.process import GitError, run_git
from tests.support.git import Repo

pytestmark = pytest.mark.fault(39)
SCRIPT = """#!/bin/sh
for word; do case $word in log|cat-file|ls-tree|rev-list) command=$word;; esac; done
count=$(ls {folder} | grep -c "^$command-")
if [ "$count" -lt {kills} ]; then
    touch "{folder}/$command-$count"
    # cat-file would wait for the end of its input
    if [ $command = cat-file ]; then read -r line; else line=; fi
    echo "$line" | {git} "$@" | head -c {bytes}
    kill -9 $$
fi
exec {git} "$@"
"""
Killer = Callable[[int, int], None]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    for day in range(1, 10):
        repo.commit(f"2026-01-0{day}", {f"src/{day}.py": f"import six  # {day}\n" * 20})
    return repo


@pytest.fixture
def kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Killer:
    """Kill each git command a few times, after some bytes of output."""
    git = shutil.which("git")

    def install(kills: int, size: int) -> None:
        marks, programs = tmp_path / "marks", tmp_path / "bin"
        marks.mkdir()
        programs.mkdir()
        script = SCRIPT.format(folder=marks, git=git, kills=kills, bytes=size)
        (programs / "git").write_text(script)
        (programs / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")

    return install


def everything(repo: Repo) -> object:
    git_dir, head = repo.path / ".git", repo.head
    steps = list(walk(git_dir, head, None, text_of, max_files=99))
    blobs = [str(step.changes[0].new) for step in steps]
    reader = BlobReader(git_dir, max_bytes=1000)
    single = [reader.read(blob) for blob in blobs]
    reader.close()
    return (
        read_chain(git_dir, head),
        list(read_tree(git_dir, head, max_files=99).files(text_of)),
        steps,
        list(read_each_text(git_dir, blobs, max_bytes=1000)),
        single,
        run_git(["rev-list", "--all"], git_dir=git_dir),
    )


@pytest.mark.parametrize("size", [0, 30, 700, 2000])
def test_a_killed_git_is_started_again(repo: Repo, kill: Killer, size: int) -> None:
    before = everything(repo)
    kill(2, size)
    assert everything(repo) == before


def test_a_git_that_is_always_killed_is_an_error(repo: Repo, kill: Killer) -> None:
    git_dir, head = repo.path / ".git", repo.head
    blob = repo.git("rev-parse", "HEAD:src/1.py").strip()
    kill(1000, 30)
    for run in (
        lambda: read_chain(git_dir, head),
        lambda: read_tree(git_dir, head, max_files=9),
        lambda: list(walk(git_dir, head, None, text_of, max_files=9)),
        lambda: run_git(["rev-list", "--all"], git_dir=git_dir),
    ):
        with pytest.raises(GitError, match="git was killed by SIGKILL"):
            run()
    with pytest.raises(UnreadableObjectError, match="git was killed by SIGKILL"):
        list(read_each_text(git_dir, [blob], max_bytes=1000))
    with pytest.raises(UnreadableObjectError):
        BlobReader(git_dir, max_bytes=1000).read(blob)
