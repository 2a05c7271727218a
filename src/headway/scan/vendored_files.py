"""Track the `.gitattributes` files of a repository. They exclude files from its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from headway.git.attributes import NAME, NO_ATTRIBUTES, Attributes
from headway.git.history import Change, Tree
from headway.git.path_encoding import bytes_of, text_of
from headway.model.store_records import AttributeFiles
from headway.scan.matching import Matcher

_ENDINGS = (f"/{NAME}", f'/{NAME}"')
"""A path ends with a quotation mark if a folder's name is not UTF-8. See `path_encoding`."""


def is_attribute_file(path: str) -> bool:
    return path == NAME or path.endswith(_ENDINGS)


def attribute_files_in(tree: Tree) -> AttributeFiles:
    """Return the `.gitattributes` files of a tree. Any of them can mark files."""
    blobs = {text_of(path): blob for path, blob in tree.files_named(NAME).items()}
    return AttributeFiles(blobs, has_marks=bool(blobs))


class VendoredFiles:
    """Updates a matcher's attributes, which exclude files, after each commit.

    Args:
        matcher: The matcher to update.
        read: Returns the content of a text blob, or None for other blobs.
    """

    def __init__(self, matcher: Matcher, read: Callable[[str], bytes | None]) -> None:
        self._matcher = matcher
        self._read = read
        self._blobs: dict[str, str] = {}

    @property
    def files(self) -> AttributeFiles:
        """The `.gitattributes` files of the current commit."""
        return AttributeFiles(self._blobs, bool(self._matcher.attributes))

    def take(self, files: AttributeFiles) -> None:
        """Start at a commit with these `.gitattributes` files."""
        self._blobs = dict(files.blobs)
        self._matcher.attributes = self.attributes_of(files)

    def follow(self, changes: Iterable[Change]) -> Attributes:
        """Apply the changes in the next commit.

        Returns:
            The attributes before the commit.
        """
        before = self._matcher.attributes
        self._blobs, self._matcher.attributes = self._after(changes)
        return before

    def follow_if_equal(self, changes: Iterable[Change]) -> bool:
        """Apply the changes in the next commit, unless they affect the attributes.

        Returns:
            Whether the changes were applied.
        """
        blobs, attributes = self._after(changes)
        if attributes != self._matcher.attributes:
            return False
        self._blobs = blobs
        return True

    def _after(self, changes: Iterable[Change]) -> tuple[dict[str, str], Attributes]:
        """Return the `.gitattributes` files after some changes, and their attributes."""
        blobs = dict(self._blobs)
        for change in changes:
            if is_attribute_file(change.path):
                blobs.pop(change.path, None)
                if change.new is not None:
                    blobs[change.path] = change.new
        return blobs, self.attributes_of(AttributeFiles(blobs, has_marks=True))

    def attributes_of(self, files: AttributeFiles) -> Attributes:
        """Return the attributes of a commit with these `.gitattributes` files."""
        if not files.has_marks:
            return NO_ATTRIBUTES
        contents = {bytes_of(path): self._read(blob) for path, blob in files.blobs.items()}
        return Attributes({path: content or b"" for path, content in contents.items()})
