"""The `file` scanner finds files that must be removed or, in `required` rules, must exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway import Match, Options, TreeScanner


class FileOptions(Options):
    """The options of a `file` rule. It has none, because its `paths` select the files."""


class File(TreeScanner[FileOptions]):
    """Finds one match for each file in the rule's `paths`."""

    name = "file"
    version = "1"
    Options = FileOptions
    each_path_alone = True
    needs_paths = True

    def find(self, options: FileOptions, paths: Sequence[str]) -> Iterable[Match]:  # noqa: ARG002 - the interface requires it
        """Yield one match for each path, with the file name as its matched line."""
        for path in paths:
            yield Match(text=path.rpartition("/")[2], path=path)
