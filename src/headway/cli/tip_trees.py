"""List the files at the tips of scanned repositories, using their mirrors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from headway.config.workspace import Workspace

_MAX_ATTRIBUTE_BYTES = 1_000_000
"""The maximum size of a `.gitattributes` file. Larger files are ignored."""


class TipTree(NamedTuple):
    """The files at the tip of a repository.

    Newlines and bytes that are not UTF-8 are replaced in paths, as in the paths of matches.
    """

    paths: list[str]
    excluded: frozenset[str]
    """The paths of vendored and generated code."""


def tip_tree(workspace: Workspace, key: str) -> TipTree | None:
    """Return the files at a repository's tip, or None if they cannot be listed."""
    from headway.git.mirrors import Mirrors

    mirrors = Mirrors(workspace.settings.mirrors)
    tip = mirrors.tip(key)
    if tip is None:
        return None
    return tree_of_commit(mirrors.path(key), tip, workspace.settings.limits.max_files)


def tree_of_commit(git_dir: Path, commit: str, max_files: int) -> TipTree | None:
    """Return the files of a commit, or None if it is unreadable or has too many files."""
    from headway.git.attributes import NAME, Attributes
    from headway.git.history import TooManyFilesError, read_tree
    from headway.git.objects import UnreadableObjectError, read_contents
    from headway.git.path_encoding import bytes_of, text_of
    from headway.git.process import GitError

    try:
        tree = read_tree(git_dir, commit, max_files=max_files)
        names = [bytes_of(file.path) for file in tree.files(text_of)]
        files = tree.files_named(NAME)
        blobs = list(dict.fromkeys(files.values()))
        contents = dict(read_contents(git_dir, blobs, max_bytes=_MAX_ATTRIBUTE_BYTES))
    except (GitError, TooManyFilesError, UnreadableObjectError):
        return None
    attributes = Attributes({path: contents[blob] or b"" for path, blob in files.items()})
    texts = [name.decode("utf-8", "replace").replace("\n", "\x01") for name in names]
    excluded = (text for name, text in zip(names, texts, strict=True) if attributes.excludes(name))
    return TipTree(texts, frozenset(excluded))
