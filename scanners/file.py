"""The scanner `file`: files whose existence is deprecated, or is required (`replacement`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway import Match, Options, TreeScanner


class FileOptions(Options):
    """The options of a `file` rule: none, because `paths` selects the files."""


class File(TreeScanner[FileOptions]):
    """Find one match for each file that the rule's `paths` admit."""

    name = "file"
    version = "1"
    Options = FileOptions
    each_path_alone = True
    needs_paths = True

    def find(self, options: FileOptions, paths: Sequence[str]) -> Iterable[Match]:  # noqa: ARG002 - the interface requires it
        """Yield a match for each path, with the file name as its text."""
        for path in paths:
            yield Match(text=path.rpartition("/")[2], path=path)
