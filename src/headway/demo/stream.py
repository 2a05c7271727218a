"""Commits to a bare repository, by one `git fast-import`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from headway.demo.story import Commit
from headway.git.process import run_git


def write_repository(git_dir: Path, commits: Iterable[Commit], began: int, origin: str) -> None:
    """A new bare repository with the commits on its branch main.

    began: when the story begins, in seconds since 1970 UTC. origin: where it claims to come from.
    """
    run_git(
        ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--", str(git_dir)]
    )
    run_git(["config", "remote.origin.url", origin], git_dir=git_dir)
    stream = b"".join(_stream(commits, began)) + b"done\n"
    run_git(["fast-import", "--quiet", "--done"], git_dir=git_dir, stdin=stream)


def _stream(commits: Iterable[Commit], began: int) -> Iterator[bytes]:
    for commit in commits:
        moment = began + commit.at
        address = commit.author.split()[0].lower() + "@acme.example"
        who = f"{commit.author} <{address}> {moment} +0000"
        yield f"commit refs/heads/main\nauthor {who}\ncommitter {who}\n".encode()
        yield _data(commit.message)
        for path, text in sorted(commit.changes.items()):
            if text is None:
                yield f"D {path}\n".encode()
            else:
                yield f"M 100644 inline {path}\n".encode() + _data(text)


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)
