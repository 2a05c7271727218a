"""`file`: files that are there. As `deprecated` they must go, as `replacement` they must come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway import Match, Options, TreeScanner


class FileOptions(Options):
    """A `file` rule has no options of its own: its `paths` say which files are meant."""


class File(TreeScanner[FileOptions]):
    """Every file that the rule's `paths` admit is one match."""

    name = "file"
    version = "1"
    Options = FileOptions
    each_path_alone = True
    needs_paths = True

    def find(self, options: FileOptions, paths: Sequence[str]) -> Iterable[Match]:  # noqa: ARG002 - the contract's
        """All of them, under their names."""
        for path in paths:
            yield Match(text=path.rpartition("/")[2], path=path)
