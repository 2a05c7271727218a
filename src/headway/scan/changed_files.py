"""The files that one commit changed, as far as the pairing of matches asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from headway.git.history import Change
from headway.git.objects import BlobReader, UnreadableObjectError


class ChangedFiles:
    """The changes of one commit. Contents are read again only when they are needed.

    Args:
        changes: What the commit changed.
        blobs: Reads contents.
        must_read: Whether a content that the repository lacks is an error, because it can be
            fetched. Otherwise the texts of the matches decide alone.
    """

    def __init__(self, changes: Sequence[Change], blobs: BlobReader, *, must_read: bool) -> None:
        self._changes = changes
        self._blobs = blobs
        self._must_read = must_read

    def is_added(self, path: str) -> bool:
        """Whether the commit added this path."""
        return path in self._added

    def is_removed(self, path: str) -> bool:
        """Whether the commit removed this path."""
        return path in self._removed

    def lines(self, blob: str) -> Sequence[bytes] | None:
        """The lines of a content; None if it is binary, over the limit or cannot be read."""
        try:
            content = self._blobs.read(blob)
        except UnreadableObjectError:
            if self._must_read:
                raise
            return None
        return None if content is None else content.split(b"\n")

    @cached_property
    def _added(self) -> frozenset[str]:
        return frozenset(change.path for change in self._changes if change.old is None)

    @cached_property
    def _removed(self) -> frozenset[str]:
        return frozenset(change.path for change in self._changes if change.new is None)
