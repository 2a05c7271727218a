"""The scanner `file`: finds files that must be removed or, in `required` rules, must exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway import Match, Options, TreeScanner


class FileOptions(Options):
    """The options of a `file` rule; it has none, because `paths` selects the files."""


class File(TreeScanner[FileOptions]):
    """Finds one match for each file that the `paths` of the rule admit."""

    name = "file"
    version = "1"
    Options = FileOptions
    each_path_alone = True
    needs_paths = True

    def find(self, options: FileOptions, paths: Sequence[str]) -> Iterable[Match]:  # noqa: ARG002 - the interface requires it
        """Yield a match for each path; the text of the match is the name of the file."""
        for path in paths:
            yield Match(text=path.rpartition("/")[2], path=path)
