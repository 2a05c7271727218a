"""The places of matches in a commit, and the result of pairing the places in two commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

REPOSITORY_PATH = "."
"""The path of an item that concerns the whole repository, such as a missing required match."""


class Place(NamedTuple):
    """The properties that identify a match within a commit."""

    path: str
    text: str
    """The matched line with white space collapsed."""
    blob: str
    """The blob ID of the file's content."""
    line: int | None = None
    """The 1-based line number, or None for a whole file."""


class Pairing(NamedTuple):
    """The result of pairing old and new places. The index of each place occurs exactly once."""

    kept: tuple[tuple[int, int], ...]
    """(Old index, new index) of the places that belong to the same item, in the order of the old
    places.
    """
    gone: tuple[int, ...]
    """The indices of old places without a partner."""
    come: tuple[int, ...]
    """The indices of new places without a partner."""


class CommitFiles(Protocol):
    """The files that a commit changed."""

    def is_added(self, path: str) -> bool:
        """Return whether the commit added this path."""

    def is_removed(self, path: str) -> bool:
        """Return whether the commit removed this path."""

    def lines(self, blob: str) -> Sequence[bytes] | None:
        """Return the lines of a blob, or None if it is binary or unreadable."""


class _UnknownFiles:
    """Stands for changed files whose contents and changes are unknown."""

    def is_added(self, path: str) -> bool:  # noqa: ARG002 - the protocol requires it
        return False

    def is_removed(self, path: str) -> bool:  # noqa: ARG002 - the protocol requires it
        return False

    def lines(self, blob: str) -> None:  # noqa: ARG002 - the protocol requires it
        return None


UNKNOWN_FILES: CommitFiles = _UnknownFiles()
"""Stands for unknown files. Pairing then depends only on the matched lines."""
