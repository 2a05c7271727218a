"""Look up the authors of commits.

Scans do this for merged commits, because the merge itself is often made by a bot or a reviewer.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from headway.git.process import run_git


def authors(git_dir: Path, commits: Collection[str]) -> dict[str, str]:
    """Return the author of each commit; commits that the repository lacks are left out.

    Raises:
        GitError: git failed.
    """
    if not commits:
        return {}
    ids = "".join(f"{commit}\n" for commit in sorted(commits)).encode("ascii")
    arguments = ["log", "--no-walk=unsorted", "--ignore-missing", "--stdin", "-z"]
    output = run_git([*arguments, "--format=%H%x00%an"], git_dir=git_dir, stdin=ids)
    words = output.decode("utf-8", "replace").split("\0")
    return dict(zip(words[::2], words[1::2], strict=False))
