"""List the paths of the files at the tips of scanned repositories, using their mirrors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.config.workspace import Workspace


def tip_paths(workspace: Workspace, key: str) -> list[str] | None:
    """Return the paths of the files at a repository's tip.

    Newlines and invalid UTF-8 are replaced in the same way as when a scan matches `paths`.

    Returns:
        None if the mirror is missing or cannot be read.
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
