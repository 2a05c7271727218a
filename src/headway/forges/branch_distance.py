"""Measure the distance between a local branch and the branch that it follows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from headway.errors import CannotWriteError
from headway.git.mirrors import Mirrors
from headway.git.process import GitError, run_git


class Distance(NamedTuple):
    """The numbers of commits that are on only one of two branches."""

    ahead: int
    behind: int

    def __str__(self) -> str:
        """Describe the distance, for example as `3 commits behind`."""
        words = ((self.ahead, "ahead of"), (self.behind, "behind"))
        return " and ".join(
            f"{count:,} commit{'' if count == 1 else 's'} {side}" for count, side in words if count
        )


def branch_distance(common: str, local: str, other: str) -> Distance | None:
    """Return the distance between two commits of a repository.

    Git runs in a temporary mirror with Headway's configuration, because the repository's
    configuration could run a program.

    Args:
        common: The git folder of the repository.
        local: The last commit of the local branch.
        other: The last commit of the other branch.

    Returns:
        The distance, or None if the commits cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        try:
            mirror = Mirrors(Path(folder)).borrow("local/1", Path(common), local)
            arguments = ["rev-list", "--left-right", "--count", "--end-of-options"]
            output = run_git([*arguments, f"{local}...{other}"], git_dir=mirror)
        except (CannotWriteError, GitError):
            return None
    ahead, behind = output.split()
    return Distance(int(ahead), int(behind))
