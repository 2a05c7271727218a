"""Whose work a merge brought in: the author of what was merged, not of the merge.

Merges are often made by a bot or by whoever reviewed.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from headway.git.process import run_git


def authors(git_dir: Path, commits: Collection[str]) -> dict[str, str]:
    """Commit to the name of its author; without those that the repository does not have.

    Raises `GitError`.
    """
    if not commits:
        return {}
    asked = "".join(f"{commit}\n" for commit in sorted(commits)).encode("ascii")
    arguments = ["log", "--no-walk=unsorted", "--ignore-missing", "--stdin", "-z"]
    said = run_git([*arguments, "--format=%H%x00%an"], git_dir=git_dir, stdin=asked)
    words = said.decode("utf-8", "replace").split("\0")
    return dict(zip(words[::2], words[1::2], strict=False))
