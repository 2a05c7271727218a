"""Links to lines and commits on forges."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from headway.git.path_encoding import bytes_of
from headway.model.repository import Repository
from headway.progress.places import REPOSITORY_PATH


def item_link(
    repository: Repository, path: str, line: int | None, opened_commit: str, *, is_closed: bool
) -> str | None:
    """Return a link to an item at a commit that contains it, or None for an unknown forge.

    For an open item, the link leads to the item's line at the latest listed commit. If that commit
    is unknown, the link uses the commit that opened the item. For a closed item, the link leads to
    the file at the commit that opened the item. That link has no line number, because the item may
    have moved before it was closed.
    """
    if is_closed:
        return line_link(repository, path, None, opened_commit)
    return line_link(repository, path, line, repository.tip or opened_commit)


def line_link(repository: Repository, path: str, line: int | None, commit: str) -> str | None:
    """Return a link to a line or file at a commit, or None for an unknown forge.

    For an item that stands for the whole repository, the link leads to the list of its files.
    """
    if repository.web_url is None or repository.link_style == "none":
        return None
    if path == REPOSITORY_PATH:
        middle = "tree" if repository.link_style == "github" else "-/tree"
        return f"{repository.web_url}/{middle}/{commit}"
    middle = "blob" if repository.link_style == "github" else "-/blob"
    anchor = f"#L{line}" if line else ""
    return f"{repository.web_url}/{middle}/{commit}/{_quoted(path)}{anchor}"


def commit_link(repository: Repository, commit: str) -> str | None:
    """Return a link to a commit, or None for an unknown forge."""
    if repository.web_url is None or repository.link_style == "none":
        return None
    middle = "commit" if repository.link_style == "github" else "-/commit"
    return f"{repository.web_url}/{middle}/{commit}"


@lru_cache(maxsize=4096)
def _quoted(path: str) -> str:
    return quote(bytes_of(path))
