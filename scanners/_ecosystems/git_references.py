"""References to other git repositories: repository names, and versions of pinned commits."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"^(?:git\+|git::)?(?:[a-z+]+://)(?:[^/@]*@)?|^(?:git::)?[\w.\-]+@(?=[^/]*:)")
_PORT = re.compile(r"^([^/:]+)(?::\d*/|:)")
_REPOSITORY = re.compile(r"[\w.\-~$]+(?:/[\w.\-~+$]+)+", re.ASCII)
_LONGEST = 400
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_VERSION_IN_COMMENT = re.compile(
    r"#\s*(?:frozen:|\S*[@=:])?\s*((?:releases?/)?v?\d[\w.\-]*)", re.IGNORECASE
)


def repository_name(url: str) -> str:
    """Return `host/path` for a repository's URL, or for `owner/name` on github.com.

    Raises:
        ValueError: The URL does not name a repository.
    """
    name = _SCHEME.sub("", url.strip().lower()) if len(url) <= _LONGEST else ""
    name = _PORT.sub(r"\1/", name).rstrip("/").removesuffix(".git")
    if not _REPOSITORY.fullmatch(name):
        raise ValueError(f"`{url:.80}` is not a valid URL of a repository")
    return name if "." in name.partition("/")[0] else f"github.com/{name}"


def version_of(reference: str, line: str) -> str:
    """Return the version of a reference. The version of a commit is in the comment on its line.

    For example, `rev: 5fda3b95... # v7.0.1` has the version v7.0.1. A commit without such a comment
    is its own version.
    """
    if not _COMMIT.fullmatch(reference):
        return reference
    after = line[line.find(reference) + len(reference) :]
    found = _VERSION_IN_COMMENT.search(after)
    return found[1] if found is not None else reference
