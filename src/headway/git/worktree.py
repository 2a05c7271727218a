"""The files of one commit written to a folder, without git's own checkout.

A checkout would obey attributes, filters and links that a hostile repository brings; here only
regular files are written, each to a path below the folder.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from headway.git.history import list_tree
from headway.git.objects import read_contents
from headway.git.path_encoding import text_of

_FORBIDDEN = frozenset(("", ".", ".."))


def write_files(
    git_dir: Path, commit: str, folder: Path, *, max_files: int, max_bytes: int
) -> list[str]:
    """Writes the regular files of `commit` below `folder`; gives their paths, sorted.

    Names that are not plain UTF-8 text, or that no checkout would write (such as `.git`), and
    files over `max_bytes` are left out. Raises as `list_tree` and `read_contents` do.
    """
    paths: dict[str, list[str]] = defaultdict(list)
    for path, _, blob in list_tree(git_dir, commit, text_of, max_files=max_files):
        if blob is not None and _is_safe(path):
            paths[blob].append(path)
    written = []
    for blob, content in read_contents(git_dir, list(paths), max_bytes=max_bytes):
        if content is None:
            continue
        for path in paths[blob]:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            written.append(path)
    return sorted(written)


def _is_safe(path: str) -> bool:
    if path.startswith('"') or "\0" in path:
        return False
    return not any(
        part in _FORBIDDEN or part.lower().rstrip(" .") == ".git" for part in path.split("/")
    )
