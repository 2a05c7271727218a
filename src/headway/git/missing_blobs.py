"""Find the blobs that a repository does not have, or that git cannot read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from headway.git.process import run_git
from headway.git.shared_process import shared_process


def absent(git_dir: Path, blobs: Iterable[str]) -> list[str]:
    """Return the IDs of the missing blobs, in the given order.

    Raises:
        GitError: git failed.
    """
    return _missing(git_dir, blobs, "%(objectname)")


def absent_or_damaged(git_dir: Path, blobs: Iterable[str]) -> list[str]:
    """Return the IDs of blobs that are missing, or whose type or size git cannot read.

    Damage further inside a blob is not found, because git does not read the content.

    Raises:
        GitError: git failed.
    """
    ids = list(blobs)
    shared = shared_process(git_dir)
    if shared is not None and shared.has_all(ids):
        return []
    return _missing(git_dir, ids, "%(objecttype) %(objectsize)")


def _missing(git_dir: Path, blobs: Iterable[str], wanted: str) -> list[str]:
    """Return the IDs of blobs for which git cannot state the wanted facts, in the given order."""
    ids = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
    arguments = ["cat-file", f"--batch-check={wanted}", "--buffer"]
    output = run_git(arguments, git_dir=git_dir, stdin=ids).decode("ascii")
    return [line.split()[0] for line in output.splitlines() if line.endswith(" missing")]
