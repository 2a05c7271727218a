"""Track a repository's `.gitattributes` files, which exclude other files from rules.

If git cannot read a version of such a file, the last readable version remains in force. Each rule
that may select files in the folder of the `.gitattributes` file then has a gap at the path of this
file until the next version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile

from headway.git.attributes import NAME, NO_ATTRIBUTES, Attributes
from headway.git.history import Change, Tree
from headway.git.objects import UnreadableObjectError
from headway.git.path_encoding import bytes_of, text_of
from headway.model.store_records import AttributeFiles
from headway.progress.gaps import Unread
from headway.scan.matching import Matcher, RuleSet, indices_of
from headway.scan.unread_files import Explain, unread_of

_ENDINGS = (f"/{NAME}", f'/{NAME}"')
"""The endings of the paths of `.gitattributes` files in subfolders. If a folder's name is not
UTF-8, the path ends with a quotation mark. See `path_encoding`.
"""


_SPECIAL = frozenset("*?[\\")


def is_attribute_file(path: str) -> bool:
    return path == NAME or path.endswith(_ENDINGS)


def attribute_files_in(tree: Tree) -> AttributeFiles:
    """Return the `.gitattributes` files of a tree. Any of them can mark files."""
    blobs = {text_of(path): blob for path, blob in tree.files_named(NAME).items()}
    return AttributeFiles(blobs, has_marks=bool(blobs))


class VendoredFiles:
    """Updates, after each commit, the attributes with which a matcher excludes files.

    Args:
        matcher: The matcher to update.
        read: Returns the content of a text blob, or None for other blobs.
        explain: Explains why git cannot read a blob. If `explain` is None, the error is raised.
    """

    def __init__(
        self,
        matcher: Matcher,
        read: Callable[[str], bytes | None],
        explain: Explain = None,
    ) -> None:
        self.matcher = matcher
        self._read = read
        self._explain = explain
        self._blobs: dict[str, str] = {}
        self._unread: dict[str, Unread | None] = {}
        """Maps the ID of each blob to the reason why git cannot read it, or to None if git can."""

    @property
    def files(self) -> AttributeFiles:
        """The `.gitattributes` files that are in force at the current commit."""
        return AttributeFiles(self._blobs, bool(self.matcher.attributes))

    def take(self, files: AttributeFiles) -> None:
        """Start at a commit with these `.gitattributes` files."""
        self._blobs = {
            path: blob for path, blob in files.blobs.items() if self._why_unread(blob) is None
        }
        self.matcher.attributes = self.attributes_of(files)

    def unread_in(self, files: Mapping[str, str | None]) -> dict[str, Unread]:
        """Return the `.gitattributes` files that git cannot read, with the reasons.

        Args:
            files: Maps the path of each file to its blob ID, or to None if the file was deleted.
        """
        reasons = {path: self._why_unread(blob) for path, blob in files.items() if blob is not None}
        return {path: why for path, why in reasons.items() if why is not None}

    def gaps_in(self, files: AttributeFiles, rules: RuleSet) -> dict[int, dict[str, Unread]]:
        """Return the `.gitattributes` files that git cannot read, for each rule that they affect.

        Args:
            files: The `.gitattributes` files of a commit.
            rules: The rules.

        Returns:
            The reasons by rule index and path.
        """
        gaps: dict[int, dict[str, Unread]] = defaultdict(dict)
        for path, why in self.unread_in(files.blobs).items():
            for index in indices_of(self.affected_by(path, rules)):
                gaps[index][path] = why
        return gaps

    def selects(self, path: str, index: int) -> bool:
        """Return whether a rule selects a path, regardless of whether the file is excluded."""
        name = bytes_of(path)
        return bool((self.matcher.admitted(path) | self.matcher.excluded(name)) >> index & 1)

    def affected_by(self, path: str, rules: RuleSet) -> RuleSet:
        """Return the rules that a `.gitattributes` file can affect.

        Args:
            path: The path of the file.
            rules: The rules.
        """
        folder = text_of(bytes_of(path).rpartition(b"/")[0])
        indices = (
            index
            for index, bound in enumerate(self.matcher.rules)
            if may_select_below(folder, bound.rule.paths)
        )
        return self.matcher.rule_set(indices) & rules & ~self.matcher.with_vendored

    def follow(self, changes: Iterable[Change]) -> Attributes:
        """Apply the changes in the next commit.

        Returns:
            The attributes before the commit.
        """
        before = self.matcher.attributes
        self._blobs, self.matcher.attributes = self._after(changes)
        return before

    def follow_if_equal(self, changes: Iterable[Change]) -> bool:
        """Apply the changes in the next commit, unless they affect the attributes.

        Returns:
            Whether the changes were applied.
        """
        blobs, attributes = self._after(changes)
        if attributes != self.matcher.attributes:
            return False
        self._blobs = blobs
        return True

    def _after(self, changes: Iterable[Change]) -> tuple[dict[str, str], Attributes]:
        """Return the `.gitattributes` files after some changes, and their attributes."""
        blobs = dict(self._blobs)
        for change in changes:
            if is_attribute_file(change.path):
                if change.new is None:
                    blobs.pop(change.path, None)
                elif self._why_unread(change.new) is None:
                    blobs[change.path] = change.new
        return blobs, self.attributes_of(AttributeFiles(blobs, has_marks=True))

    def attributes_of(self, files: AttributeFiles) -> Attributes:
        """Return the attributes of a commit with these `.gitattributes` files."""
        if not files.has_marks:
            return NO_ATTRIBUTES
        contents = {
            bytes_of(path): self._read(blob)
            for path, blob in files.blobs.items()
            if self._why_unread(blob) is None
        }
        return Attributes({path: content or b"" for path, content in contents.items()})

    def _why_unread(self, blob: str) -> Unread | None:
        if blob not in self._unread:
            self._unread[blob] = None
            try:
                self._read(blob)
            except UnreadableObjectError as error:
                self._unread[blob] = unread_of(error, blob, self._explain)
        return self._unread[blob]


def may_select_below(folder: str, patterns: Iterable[str]) -> bool:
    """Return whether path patterns of a rule can select a file in a folder or below it."""
    chosen = [pattern for pattern in patterns if not pattern.startswith("!")]
    return not chosen or any(_may_match_below(folder, pattern) for pattern in chosen)


def _may_match_below(folder: str, pattern: str) -> bool:
    if "/" not in pattern.rstrip("/"):
        return True
    fixed = takewhile(lambda part: not set(part) & _SPECIAL, pattern.strip("/").split("/"))
    # Compare only the folders that both paths have: `src` and `src/lib` overlap.
    return all(part == other for part, other in zip(fixed, folder.split("/"), strict=False)) or (
        not folder
    )
