"""Read the first-parent chain of a branch: its commits and the files that they changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from headway.git.authors import CO_AUTHORS, mailmap_environment, name_of
from headway.git.listed_commits import OPTIONS, listed_commits
from headway.git.object_check import object_checker
from headway.git.objects import UnreadableObjectError
from headway.git.process import MOST_KILLS, GitError, again_if_killed, stream_git

REGULAR_MODES = frozenset((b"100644", b"100755", b"100664"))
"""Tree modes of regular files. Links, submodules and folders have other modes."""
_FORMAT = f"%x02%H%x03%T%x03%P%x03%aN <%aE>%x03{CO_AUTHORS}"
_TREE_MODE = b"040000"
_TREE = re.compile(rb"\x00040000 tree ([0-9a-f]+)\t")
_HELD_STEPS = 200
_HELD_CHANGES = 5_000
"""Trees are checked after this number of changes, or `_HELD_STEPS` commits, have been collected."""
_BLOCK_BYTES = 1 << 20
"""The number of bytes of git's output to read at a time."""


class TooManyFilesError(Exception):
    """A commit contains or changes more files or folders than allowed."""

    def __init__(self, commit: str, limit: int) -> None:
        super().__init__(
            f"commit {commit[:12]} has more than {limit:,} files, "
            "the limit of `files` under [limits] in headway.toml"
        )


class NotACommitError(UnreadableObjectError):
    """A branch points to an object that is not a commit."""

    def __init__(self, tip: str) -> None:
        super().__init__(tip, "the branch points to it, but it is not a commit; restore the branch")


class Links(NamedTuple):
    """Consecutive commits of a first-parent chain, oldest first."""

    commits: list[str]
    committed_at: list[int]
    """The committer times, in seconds since 1970 UTC."""
    parent: str | None
    """The parent of the first commit, or None if this is a root commit or there are no commits."""


class Change(NamedTuple):
    """A path that a commit changed."""

    path: str
    old: str | None
    """The blob ID before the commit, or None if the path was not a regular file."""
    new: str | None
    """The blob ID after the commit, or None if the path is not a regular file."""


@dataclass(frozen=True, slots=True)
class Step:
    """The changes in one commit, relative to its first parent."""

    commit: str
    author: str
    """The author's name, corrected by the `.mailmap` of the last commit in the walk."""
    changes: tuple[Change, ...]
    credits_others: bool = False
    """Whether people other than the author can receive credit, because the commit is a merge or has
    co-authors.
    """


def read_chain(git_dir: Path, tip: str, after: str | None = None) -> Links:
    """Read the first-parent chain that ends at `tip`.

    Args:
        git_dir: The git directory of the repository.
        tip: The last commit.
        after: A commit to omit together with its ancestors. None means the whole chain. If commits
            remain and their `parent` is not `after`, then `after` is not in the chain of `tip`.

    Raises:
        GitError: git failed.
        UnreadableObjectError: A commit is damaged, or the tip is not a commit.
    """
    links, unchecked = again_if_killed(partial(_list_chain, git_dir, tip, after))
    if not links.commits and after is None:
        raise NotACommitError(tip)
    if unchecked:
        again_if_killed(partial(_check_commits, git_dir, unchecked))
    return links


def _check_commits(git_dir: Path, commits: Sequence[str]) -> None:
    with object_checker(git_dir) as checker:
        checker.check(commits, b"commit")


def _list_chain(git_dir: Path, tip: str, after: str | None) -> tuple[Links, list[str]]:
    """List the commits, and return those whose content remains to be checked."""
    revisions = [tip] if after is None else [tip, f"^{after}"]
    options = OPTIONS if after is None else (*OPTIONS, "--parents")
    arguments = ["rev-list", "--first-parent", *options, "--end-of-options", *revisions, "--"]
    with stream_git(arguments, git_dir=git_dir) as process:
        assert process.stdout is not None
        listed = listed_commits(process.stdout)
    links = Links(listed.identities[::-1], listed.committed_at[::-1], listed.last_parent)
    return links, listed.unchecked[::-1]


def walk(
    git_dir: Path,
    tip: str,
    after: str | None,
    keep: Callable[[bytes], str | None],
    *,
    max_files: int,
    paths: Sequence[str] = (),
    log: bytes | None = None,
) -> Iterator[Step]:
    """Yield the changes in each first-parent commit, oldest first.

    A merge is compared with its first parent, so merged changes land with the merge. A moved file
    appears as a removed path and an added path. Commits that change no files accepted by `keep` are
    omitted.

    Args:
        git_dir: The git directory of the repository.
        tip: The last commit.
        after: The commit before the first one. None starts at the root commit.
        keep: Decodes a file name, or returns None to ignore the file.
        max_files: The maximum number of files, and of folders, that one commit may change.
        paths: The paths to compare. An empty sequence means all paths.
        log: The output of git with `log_arguments`, if it is known.

    Raises:
        TooManyFilesError: A commit changes more than `max_files` files or folders.
        GitError: git failed.
        UnreadableObjectError: A tree is missing or damaged.
    """
    done = kills = 0
    while True:
        steps = _walk_once(git_dir, tip, after, keep, max_files, paths, log)
        try:
            for step in islice(steps, done, None):
                done += 1
                yield step
            return
        except GitError as error:
            kills += 1
            if not error.killed or kills > MOST_KILLS:
                raise


def log_arguments(tip: str, after: str | None, paths: Sequence[str] = ()) -> list[str]:
    """Return the arguments with which git lists the changes in each commit. See `walk`."""
    revisions = [tip] if after is None else [tip, f"^{after}"]
    arguments = ["log", "--first-parent", "--diff-merges=first-parent", "--raw", "-t", "-z"]
    arguments += ["--reverse", "--no-renames", "--no-abbrev", f"--format={_FORMAT}"]
    return [*arguments, "--end-of-options", *revisions, "--", *paths]


@contextmanager
def _log(
    git_dir: Path, tip: str, after: str | None, paths: Sequence[str], log: bytes | None
) -> Iterator[IO[bytes]]:
    """Yield the output of git, or the known output."""
    if log is not None:
        yield BytesIO(log)
        return
    arguments = log_arguments(tip, after, paths)
    with stream_git(arguments, git_dir=git_dir, env=mailmap_environment(tip)) as process:
        assert process.stdout is not None
        yield process.stdout


def _walk_once(
    git_dir: Path,
    tip: str,
    after: str | None,
    keep: Callable[[bytes], str | None],
    max_files: int,
    paths: Sequence[str],
    log: bytes | None,
) -> Iterator[Step]:
    """Yield commits after checking all trees that their changes were read from."""
    held: list[Step] = []
    changes = 0
    with object_checker(git_dir) as checker:
        if after is not None:
            checker.add_tree(checker.root_of(after))
        with _log(git_dir, tip, after, paths, log) as stream:
            for step in _parse_log(stream, keep, max_files, checker.add_tree):
                if len(held) >= _HELD_STEPS or changes >= _HELD_CHANGES:
                    checker.flush()
                    yield from held
                    held, changes = [], 0
                held.append(step)
                changes += len(step.changes)
        # If git was killed, the last step may lack changes, so yield it only now.
        checker.flush()
        yield from held


class Tree:
    """The files of a commit, as listed by `git ls-tree`."""

    def __init__(self, listing: bytes) -> None:
        self._listing = listing

    def files(self, keep: Callable[[bytes], str | None]) -> Iterator[Change]:
        """Yield the regular files as added paths, in git's order.

        Args:
            keep: Decodes a file name, or returns None to ignore the file.
        """
        for entry in tokens_of(BytesIO(self._listing)):
            described, _, name = entry.partition(b"\t")
            mode, _, blob = described.split(b" ")
            if mode in REGULAR_MODES and (path := keep(name)) is not None:
                yield Change(path, None, blob.decode("ascii"))

    def files_named(self, name: str) -> dict[bytes, str]:
        """Map the path of each regular file with this name, in any folder, to its blob ID."""
        ending = name.encode("ascii") + b"\0"
        found = {}
        position = self._listing.find(ending)
        while position >= 0:
            start = self._listing.rfind(b"\0", 0, position) + 1
            described, _, path = self._listing[start : position + len(ending) - 1].partition(b"\t")
            mode, _, blob = described.split(b" ")
            if mode in REGULAR_MODES and path.rpartition(b"/")[2] == ending[:-1]:
                found[path] = blob.decode("ascii")
            position = self._listing.find(ending, position + 1)
        return found


def read_tree(git_dir: Path, commit: str, *, max_files: int) -> Tree:
    """Read the list of all files of a commit.

    Args:
        git_dir: The git directory of the repository.
        commit: The ID of the commit.
        max_files: The maximum number of files, and of folders, that the commit may contain.

    Raises:
        TooManyFilesError: The commit has more than `max_files` files or folders.
        GitError: git failed.
        UnreadableObjectError: The commit or one of its trees is damaged.
    """
    return again_if_killed(partial(_read_tree_once, git_dir, commit, max_files))


def _read_tree_once(git_dir: Path, commit: str, max_files: int) -> Tree:
    arguments = ["ls-tree", "-r", "-t", "-z", "--full-tree", "--end-of-options", commit]
    blocks = [b"\0"]
    entries = 0
    with object_checker(git_dir) as checker:
        checker.add_tree(checker.root_of(commit))
        with stream_git(arguments, git_dir=git_dir) as process:
            assert process.stdout is not None
            while block := process.stdout.read(_BLOCK_BYTES):
                entries += block.count(b"\0")
                if entries > 2 * max_files:
                    raise TooManyFilesError(commit, max_files)
                blocks.append(block)
        listing = b"".join(blocks)
        trees = _TREE.findall(listing)
        if max(entries - len(trees), len(trees)) > max_files:
            raise TooManyFilesError(commit, max_files)
        for tree in trees:
            checker.add_tree(tree.decode("ascii"))
        checker.flush()
    return Tree(listing[1:])


def list_tree(
    git_dir: Path, commit: str, keep: Callable[[bytes], str | None], *, max_files: int
) -> Iterator[Change]:
    """Yield the files of a commit like `Tree.files`. See `read_tree` for the other arguments."""
    return read_tree(git_dir, commit, max_files=max_files).files(keep)


def _parse_log(
    stream: IO[bytes],
    keep: Callable[[bytes], str | None],
    max_files: int,
    see_tree: Callable[[str], None],
) -> Iterator[Step]:
    """Parse the output of `git log`. Call `see_tree` with the ID of each tree that git read."""
    commit, author, credits_others = "", "", False
    changes: list[Change] = []
    files = folders = 0
    tokens = tokens_of(stream)
    for token in tokens:
        if token.startswith(b"\x02"):
            if changes:
                yield Step(commit, author, tuple(changes), credits_others)
            fields = token[1:].split(b"\x03", 4)
            if len(fields) < 5:
                return  # Git has exited early.
            commit_bytes, root, parents, person, co_authors = fields
            see_tree(root.decode("ascii"))
            commit, author = commit_bytes.decode("ascii"), name_of(person)
            credits_others = b" " in parents or bool(co_authors)
            changes, files, folders = [], 0, 0
            continue
        if not (described := token.lstrip(b"\n")):
            continue
        if (name := next(tokens, None)) is None:
            return
        if trees := trees_in(described):
            folders += 1
            for tree in trees:
                see_tree(tree)
        else:
            files += 1
            path = keep(name)
            if path is not None:
                changes.append(_change(path, described))
        if files > max_files or folders > max_files:
            raise TooManyFilesError(commit, max_files)
    if changes:
        yield Step(commit, author, tuple(changes), credits_others)


def trees_in(described: bytes) -> list[str]:
    """Return the IDs of the trees in a raw diff entry. An entry for a file has none."""
    old_mode, new_mode, old, new, _ = described[1:].split(b" ", 4)
    sides = ((old_mode, old), (new_mode, new))
    return [tree.decode("ascii") for mode, tree in sides if mode == _TREE_MODE]


def _change(path: str, described: bytes) -> Change:
    """Parse a raw diff entry such as `:100644 100755 OLD NEW M`."""
    old_mode, new_mode, old, new, _ = described[1:].split(b" ", 4)
    return Change(
        path,
        old.decode("ascii") if old_mode in REGULAR_MODES else None,
        new.decode("ascii") if new_mode in REGULAR_MODES else None,
    )


def tokens_of(stream: IO[bytes], size: int = _BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the parts of the stream between NUL bytes."""
    rest = b""
    while block := stream.read(size):
        pieces = (rest + block).split(b"\0")
        rest = pieces.pop()
        yield from pieces
    if rest:
        yield rest
