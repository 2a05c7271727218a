"""List the paths at the tips of scanned repositories, using their mirrors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.config.workspace import Workspace


def tip_paths(workspace: Workspace, key: str) -> list[str] | None:
    """Return the paths at a repository's tip; None if the mirror is missing or unreadable.

    Newlines and bytes that are not UTF-8 are replaced, as for matching the `paths` of rules.
    """
    from headway.git.mirrors import Mirrors
    from headway.git.process import GitError, run_git

    mirrors = Mirrors(workspace.settings.mirrors)
    tip = mirrors.tip(key)
    if tip is None:
        return None
    arguments = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", tip]
    try:
        output = run_git(arguments, git_dir=mirrors.path(key))
    except GitError:
        return None
    return output.decode("utf-8", "replace").replace("\n", "\x01").split("\0")[:-1]
