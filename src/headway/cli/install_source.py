"""Find the origin of this installation, so that a nightly job can install the same version."""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from headway.git.process import GitError, run_git

_SSH = re.compile(r"(?:ssh://)?git@(?P<host>[\w.-]+)[:/](?P<path>[\w./-]+?)(?:\.git)?")


def install_source() -> str | None:
    """Return a pip requirement with a git URL and a commit, or None if either is unknown.

    When pip and uv install a package, they record its origin (PEP 610). For an installation from a
    clone, the result names the origin and the current commit of the clone.
    """
    try:
        record = distribution("headway").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    return source_of(json.loads(record)) if record else None


def source_of(record: dict[str, Any]) -> str | None:
    """Return the pip requirement for the repository and commit that a direct_url.json describes.

    For a local clone, the requirement names the clone's origin and current commit. SSH URLs are
    converted to HTTPS. The result is None if the commit is unknown, or if the URL does not use
    HTTPS or contains a user name.
    """
    url = str(record.get("url", ""))
    if "vcs_info" in record:
        return _requirement(url, str(record["vcs_info"].get("commit_id", "")))
    if urlsplit(url).scheme != "file":
        return None
    folder = Path(url2pathname(urlsplit(url).path))
    try:
        git_dir = folder / ".git"
        remote = run_git(["config", "--get", "remote.origin.url"], git_dir=git_dir)
        commit = run_git(["rev-parse", "HEAD"], git_dir=git_dir)
    except GitError:
        return None
    return _requirement(remote.decode(errors="replace").strip(), commit.decode().strip())


def _requirement(url: str, commit: str) -> str | None:
    if match := _SSH.fullmatch(url):
        url = f"https://{match['host']}/{match['path']}"
    parts = urlsplit(url)
    # A URL with a user name can also contain a password, which must not be written to a file.
    if (
        parts.scheme != "https"
        or "@" in parts.netloc
        or not re.fullmatch("[0-9a-f]{40,64}", commit)
    ):
        return None
    return f"git+{url}@{commit}"
