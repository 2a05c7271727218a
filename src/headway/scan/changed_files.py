"""The files that one commit changed, for pairing old matches with new ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from headway.git.history import Change
from headway.git.objects import BlobReader, UnreadableObjectError


class ChangedFiles:
    """The files that one commit changed; their contents are read only when they are needed.

    Args:
        changes: The changed files.
        blobs: Reads the contents of blobs.
        must_read: Whether to raise an error if the repository lacks a blob, because the blob can
            be fetched. Otherwise, matches are paired by their texts alone.
    """

    def __init__(self, changes: Sequence[Change], blobs: BlobReader, *, must_read: bool) -> None:
        self._changes = changes
        self._blobs = blobs
        self._must_read = must_read

    def is_added(self, path: str) -> bool:
        """Return whether the commit added this path."""
        return path in self._added

    def is_removed(self, path: str) -> bool:
        """Return whether the commit removed this path."""
        return path in self._removed

    def source_of(self, path: str) -> str | None:
        """A path that the commit removed and whose content it added at `path`, if there is one."""
        if path not in self._added:
            return None
        return self._removed_contents.get(self._added[path])

    def lines(self, blob: str) -> Sequence[bytes] | None:
        """Return the lines of a blob; None if it is binary, over the size limit or unreadable."""
        try:
            content = self._blobs.read(blob)
        except UnreadableObjectError:
            if self._must_read:
                raise
            return None
        return None if content is None else content.split(b"\n")

    @cached_property
    def _added(self) -> dict[str, str | None]:
        """The added paths, and the ids of their contents."""
        return {change.path: change.new for change in self._changes if change.old is None}

    @cached_property
    def _removed(self) -> frozenset[str]:
        return frozenset(change.path for change in self._changes if change.new is None)

    @cached_property
    def _removed_contents(self) -> dict[str | None, str]:
        """The ids of the removed contents, and the path of each."""
        return {change.old: change.path for change in self._changes if change.new is None}
