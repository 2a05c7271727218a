"""Write the files of a commit to a folder, without a git checkout.

A checkout would follow attributes, filters and links, which an untrusted repository controls. This
module writes only regular files to paths inside the folder.
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
    """Write the regular files of a commit to a folder.

    The function omits files that are over `max_bytes`, and files whose names are not UTF-8 or would
    be rejected by a checkout, such as `.git`.

    Returns:
        The paths of the written files, sorted.

    Raises:
        TooManyFilesError: The commit has more than `max_files` files or folders.
        GitError, UnreadableObjectError: The repository could not be read.
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
