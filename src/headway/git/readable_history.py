"""Find the part of a damaged history that git can read."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from headway.git.history import tokens_of, trees_in
from headway.git.object_check import object_checker
from headway.git.objects import UnreadableObjectError
from headway.git.process import GitError, again_if_killed, stream_git


def readable_since(git_dir: Path, tip: str) -> str | None:
    """Return the oldest commit from which git can read the history up to `tip`.

    Returns:
        The commit, or None if git cannot read the tip or can read the whole history.

    Raises:
        GitError: git was killed repeatedly.
    """
    commits, readable = again_if_killed(partial(_read_back, git_dir, tip))
    if readable or not commits:
        return None
    # Git may have exited before it listed all changes in the last commit, so read it again.
    _, readable = again_if_killed(partial(_read_back, git_dir, commits[-1], "-1"))
    return commits[-1] if readable else next(reversed(commits[:-1]), None)


def _read_back(git_dir: Path, tip: str, *limit: str) -> tuple[list[str], bool]:
    """Read the history until an object cannot be read.

    Returns:
        The commits, newest first, and whether all of them and their changes could be read.
    """
    arguments = ["log", "--first-parent", "--diff-merges=first-parent", "--raw", "-t", "-z"]
    arguments += ["--no-renames", "--no-abbrev", "--format=%x02%H%x03%T", *limit]
    commits: list[str] = []
    try:
        with object_checker(git_dir) as checker:
            with stream_git(
                [*arguments, "--end-of-options", tip, "--"], git_dir=git_dir
            ) as process:
                assert process.stdout is not None
                tokens = tokens_of(process.stdout)
                for token in tokens:
                    if token.startswith(b"\x02"):
                        checker.flush()
                        commit, root = token[1:].decode("ascii").split("\x03")
                        checker.check([commit], b"commit")
                        commits.append(commit)
                        checker.add_tree(root)
                    elif described := token.lstrip(b"\n"):
                        for tree in trees_in(described):
                            checker.add_tree(tree)
                        next(tokens, None)
            checker.flush()
    except UnreadableObjectError:
        return commits, False
    except GitError as error:
        if error.killed:
            raise
        return commits, False
    return commits, True
