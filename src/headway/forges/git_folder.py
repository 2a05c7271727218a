"""Read a repository's HEAD, references and configuration from files, without git.

A repository's configuration could make git run a program, so this module does not run git in the
repository. A scan can read thousands of local repositories, so this module uses `os` with string
paths, which is several times faster than `pathlib`.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from headway.model.repository import LinkStyle

ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
"""Values of `errno` that are treated as a missing file."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SCP_LIKE = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?!//)(?P<path>.+)\Z")
_LINK_STYLES: tuple[tuple[str, LinkStyle], ...] = (("github", "github"), ("gitlab", "gitlab"))
_LONGEST_REFERENCE_CHAIN = 5
_ORIGIN = "refs/remotes/origin"


class UnreadableRepositoryError(Exception):
    """A folder looks like a repository but cannot be read. The message gives the reason."""


class BranchChoice(NamedTuple):
    """The branch of a local repository to scan."""

    branch: str | None
    """The branch's name without `origin/`, or `HEAD` if HEAD is detached."""
    tip: str | None
    """The ID of the branch's last commit, or None if the branch does not exist."""
    note: str | None = None
    """A note for the user about the choice, without a full stop, or None if none is needed."""


def find_git_folder(path: str) -> str | None:
    """Return the git folder of the repository at `path`, bare or not, or None if there is none.

    An inaccessible git folder is also returned, so that reading it reports the reason.
    """
    inside = f"{path}/.git"
    try:
        mode = os.stat(inside).st_mode  # noqa: PTH116 - see the module's docstring
    except OSError as error:
        if error.errno not in ABSENT:
            return inside
    else:
        if stat.S_ISDIR(mode):
            return inside
        if stat.S_ISREG(mode) and (target := _follow_git_file(path, inside)) is not None:
            return target
    is_bare = (
        _is(stat.S_ISREG, f"{path}/HEAD")
        and _is(stat.S_ISDIR, f"{path}/objects")
        and _is(stat.S_ISDIR, f"{path}/refs")
    )
    return path if is_bare else None


def common_folder(git_dir: str) -> str:
    """Return the folder with the references. A linked work tree uses its repository's folder."""
    pointer = _read(f"{git_dir}/commondir")
    if pointer is None:
        return git_dir
    return os.path.normpath(Path(git_dir) / pointer.strip())


def read_head(git_dir: str, common: str) -> tuple[str | None, str | None]:
    """Return the branch that HEAD points to, and the branch's commit.

    Returns:
        The branch (`HEAD` if HEAD is detached) and its commit (None if the branch does not exist).

    Raises:
        UnreadableRepositoryError: HEAD or a reference is damaged or in an unknown format.
        OSError: A file cannot be read.
    """
    value = _read(f"{git_dir}/HEAD")
    if value is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    value = value.strip()
    branch = None
    for _ in range(_LONGEST_REFERENCE_CHAIN):
        if _COMMIT.match(value):
            return branch or "HEAD", value
        if not value.startswith("ref: "):
            raise UnreadableRepositoryError("HEAD names neither a branch nor a commit")
        reference = value.removeprefix("ref: ").strip()
        if reference == "refs/heads/.invalid":
            raise UnreadableRepositoryError("the references are in a format that is not supported")
        branch = branch or reference.removeprefix("refs/heads/")
        target = _read_reference(common, reference)
        if target is None:
            return branch, None
        value = target
    raise UnreadableRepositoryError("HEAD points to itself")


def choose_branch(git_dir: str, common: str, *, bare: bool) -> BranchChoice:
    """Choose the branch to scan: the default branch of `origin` in a clone, otherwise HEAD.

    The HEAD of a work tree depends on the checked-out branch, so `origin/HEAD` is preferred.

    Raises:
        UnreadableRepositoryError: HEAD or a reference is damaged or in an unknown format.
        OSError: A file cannot be read.
    """
    branch, tip = read_head(git_dir, common)
    if bare:
        return BranchChoice(branch, tip)
    pointer = (_read(f"{common}/{_ORIGIN}/HEAD") or "").strip()
    if pointer.startswith(f"ref: {_ORIGIN}/"):
        default = pointer.removeprefix(f"ref: {_ORIGIN}/")
        default_tip = _read_reference(common, f"{_ORIGIN}/{default}")
        if default_tip is not None and _COMMIT.match(default_tip):
            note = None
            if branch != default:
                note = f"origin/{default} is scanned; {branch or 'nothing'} is checked out"
            elif tip != default_tip:
                relation = _relation(common, tip, default_tip)
                note = f"origin/{default} is scanned; the local branch {default} {relation} it"
            return BranchChoice(default, default_tip, note)
        return BranchChoice(
            branch,
            tip,
            f"the checked-out branch {branch} is scanned, because origin/HEAD names {default}, "
            "which does not exist; `git remote set-head origin --auto` corrects origin/HEAD",
        )
    upstream = _read_reference(common, f"{_ORIGIN}/{branch}") if branch else None
    if upstream is not None and upstream != tip:
        relation = _relation(common, tip, upstream)
        note = f"the local branch {branch} is scanned and {relation} origin/{branch}"
        if "ahead" not in relation or "behind" in relation:
            note += "; run `git pull` in the clone"
        return BranchChoice(branch, tip, note)
    return BranchChoice(branch, tip)


def _relation(common: str, tip: str | None, other: str) -> str:
    """Describe a branch relative to another one: `is 3 commits behind` or `differs from`."""
    from headway.forges.branch_distance import branch_distance

    distance = branch_distance(common, tip, other) if tip is not None else None
    return f"is {distance}" if distance is not None else "differs from"


def has_references(common: str) -> bool:
    """Return whether the repository has any references. An empty repository has none."""
    packed = _read(f"{common}/packed-refs") or ""
    if any(line and not line.startswith("#") for line in packed.split("\n")):
        return True
    return any(path.is_file() for path in (Path(common) / "refs").rglob("*"))


def web_page(common: str) -> tuple[str | None, LinkStyle]:
    """Return the web page of the repository's `origin`, and the style of links to lines.

    Credentials are removed from the URL. The page is None for an unknown forge.
    """
    url = _origin_url(f"{common}/config")
    if not url:
        return None, "none"
    if "://" in url:
        parts = urlsplit(url)
        host, path, scheme = parts.hostname, parts.path, parts.scheme
    elif found := _SCP_LIKE.match(url):
        host, path, scheme = found["host"], found["path"], "ssh"
    else:
        return None, "none"
    if scheme not in ("http", "https", "ssh", "git") or not host:
        return None, "none"
    page = f"https://{host}/{path.strip('/').removesuffix('.git')}"
    for word, style in _LINK_STYLES:
        if word in host:
            return page, style
    return None, "none"


def _follow_git_file(path: str, git_file: str) -> str | None:
    """Return the folder that a `.git` file points to, in a linked work tree or submodule.

    If the file cannot be read, return its own path. If it does not begin with `gitdir: `, return
    None.
    """
    try:
        pointer = (_read(git_file) or "").strip()
    except OSError:
        return git_file
    if not pointer.startswith("gitdir: "):
        return None
    return os.fspath(Path(path) / pointer.removeprefix("gitdir: "))


def _is(kind: Callable[[int], bool], path: str) -> bool:
    try:
        return kind(os.stat(path).st_mode)  # noqa: PTH116 - see the module's docstring
    except (OSError, ValueError):
        return False


def _read(path: str) -> str | None:
    """Return the contents of a file, or None if the path is not a regular file.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        # Open the file without blocking, because opening a named pipe could wait forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError:
        # The path contains a NUL character.
        return None
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        content = b""
        # A single read may return only part of the file.
        while block := os.read(descriptor, max(status.st_size + 1 - len(content), 1)):
            content += block
    finally:
        os.close(descriptor)
    return content.decode("utf-8", "surrogateescape")


def _read_reference(common: str, reference: str) -> str | None:
    """Return the content of a loose or packed reference, or None if it does not exist.

    Raises:
        UnreadableRepositoryError: The name is outside the `refs` folder.
        OSError: A file cannot be read.
    """
    if ".." in reference.split("/") or not reference.startswith("refs/"):
        raise UnreadableRepositoryError("HEAD points outside the repository's references")
    loose = _read(f"{common}/{reference}")
    if loose is not None:
        return loose.strip()
    for line in (_read(f"{common}/packed-refs") or "").split("\n"):
        if line.endswith(f" {reference}") and not line.startswith(("#", "^")):
            return line.partition(" ")[0]
    return None


def _origin_url(config: str) -> str | None:
    """Return `remote.origin.url` from a configuration file, or None if unset. Ignore includes."""
    text = _read(config)
    if text is None or '"origin"' not in text.lower():
        return None
    section = ""
    for raw_line in text.splitlines():
        line = raw_line.strip()
        if line.startswith("["):
            section = line.partition("]")[0] + "]"
        elif section.lower() == '[remote "origin"]':
            name, _, value = line.partition("=")
            if name.strip().lower() == "url":
                # The store cannot contain lone surrogates.
                url = value.strip().strip('"').encode("utf-8", "surrogateescape")
                return url.decode("utf-8", "replace")
    return None
