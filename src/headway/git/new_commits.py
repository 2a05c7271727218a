"""Read a few new commits and their changes with one git process.

A nightly scan finds only a few new commits in most of the changed repositories, and starting git
takes longer than reading them. The functions in `history` need one process for the commits and
another one for the changes, but can read any number of commits.
"""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from headway.git.authors import mailmap_environment
from headway.git.history import Links, log_arguments, tokens_of
from headway.git.object_check import object_checker
from headway.git.objects import UnreadableObjectError
from headway.git.process import GitError, stream_git

_MOST_BYTES = 1_000_000
"""The maximum size of git's output that is held in memory."""
_PERSON = rb"[^<>\n]* <[^<>\n]*> "
_HEADER = re.compile(
    rb"tree [0-9a-f]+\n(?:parent [0-9a-f]+\n)*"
    rb"author " + _PERSON + rb"[^<>\n]*\ncommitter " + _PERSON + rb"([0-9]{1,10}) [+-][0-9]{4}\n"
)
"""Matches the beginning of a commit, and captures the committer time.

Other commits are unusual, and only git knows how it reads their times.
"""


class NewCommits(NamedTuple):
    """The commits after a known commit."""

    links: Links
    log: bytes | None = None
    """The output of git with `history.log_arguments`, or None if it is unknown."""


def read_new_commits(git_dir: Path, tip: str, after: str) -> NewCommits | None:
    """Read the first-parent commits after a commit, and their changes.

    Returns:
        None if `after` is not in the chain of `tip`, if there are many changes, or if a commit is
            unusual or cannot be read. The caller must then use `history.read_chain`.
    """
    try:
        with stream_git(
            log_arguments(tip, after), git_dir=git_dir, env=mailmap_environment(tip)
        ) as process:
            assert process.stdout is not None
            log = process.stdout.read(_MOST_BYTES)
            if len(log) == _MOST_BYTES:
                process.kill()
        commits = _linked(log, after)
        if not commits:
            return None
        with object_checker(git_dir) as checker:
            headers = [_HEADER.match(content) for content in checker.contents(commits, b"commit")]
    except (GitError, UnreadableObjectError):
        return None
    times = [int(header[1]) for header in headers if header is not None]
    if len(times) < len(commits):
        return None
    return NewCommits(Links(commits, times, after), log)


def _linked(log: bytes, after: str) -> list[str]:
    """Return the commits, oldest first, or an empty list if they are not a chain from `after`."""
    commits: list[str] = []
    last = after
    tokens = tokens_of(BytesIO(log))
    for token in tokens:
        if token.startswith(b"\x02"):
            commit, _, parents, *_ = token[1:].decode("utf-8", "replace").split("\x03")
            if parents.partition(" ")[0] != last:
                return []
            commits.append(commit)
            last = commit
        elif token.lstrip(b"\n"):
            next(tokens, None)  # The name of the changed file.
    return commits
