"""The files that a commit changed, used for pairing old matches with new ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from headway.git.history import Change
from headway.git.objects import BlobReader, UnreadableObjectError


class ChangedFiles:
    """The files that one commit changed. Their contents are read on demand.

    Args:
        changes: The changed files.
        blobs: Reads the contents of blobs.
        must_read: Whether to raise an error for an unreadable blob, so that the caller can fetch
            it. If false, matches in such a blob are paired only by their lines.
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
        """Return a path that the commit removed and whose content it added at `path`, or None."""
        if path not in self._added:
            return None
        return self._removed_contents.get(self._added[path])

    def lines(self, blob: str) -> Sequence[bytes] | None:
        """Return the lines of a blob, or None if it is binary, too large or unreadable.

        Raises:
            UnreadableObjectError: The blob is unreadable, and `must_read` is set.
        """
        try:
            content = self._blobs.read(blob)
        except UnreadableObjectError:
            if self._must_read:
                raise
            return None
        return None if content is None else content.split(b"\n")

    @cached_property
    def _added(self) -> dict[str, str | None]:
        """Map each added path to the blob ID of its content."""
        return {change.path: change.new for change in self._changes if change.old is None}

    @cached_property
    def _removed(self) -> frozenset[str]:
        return frozenset(change.path for change in self._changes if change.new is None)

    @cached_property
    def _removed_contents(self) -> dict[str | None, str]:
        """Map the blob ID of each removed content to its path."""
        return {change.old: change.path for change in self._changes if change.new is None}
