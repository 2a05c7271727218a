"""The first-parent chain of a branch: its commits, and what each changed in the tree."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import IO, NamedTuple

from headway.git.process import stream_git

REGULAR_MODES = frozenset((b"100644", b"100755", b"100664"))
_FORMAT = "%x02%H%x03%P%x03%an"


class TooManyFilesError(Exception):
    """One commit lists more files than the limit; nobody can say what is in the rest."""

    def __init__(self, commit: str, limit: int) -> None:
        super().__init__(
            f"commit {commit[:12]} lists more than {limit:,} files "
            "(`files` under [limits] in headway.toml)"
        )


class Links(NamedTuple):
    """A run of a chain, oldest first. committed_at: committer times, in seconds since 1970 UTC.

    parent: the commit that the first one follows; None where that is the root.
    """

    commits: list[str]
    committed_at: list[int]
    parent: str | None


class Change(NamedTuple):
    """A path that a commit changed. old, new: blob ids, None where there is no regular file."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one commit did to the kept paths, compared with its first parent.

    merged: the commit that a merge brought in, its second parent; None for any other commit.
    """

    commit: str
    author: str
    changes: tuple[Change, ...]
    merged: str | None = None


def read_chain(git_dir: Path, tip: str, after: str | None = None) -> Links:
    """The first-parent chain that ends at `tip`.

    after: leave out this commit and its ancestors. Whether the chain then really continues it is
    the caller's to check: its `parent` must be `after`.
    """
    revisions = [tip] if after is None else [tip, f"^{after}"]
    # not `log`: this needs no commit's text, so that a commit graph can answer
    arguments = ["rev-list", "--first-parent", "--timestamp"]
    with_parents = [] if after is None else ["--parents"]
    arguments += [*with_parents, "--end-of-options", *revisions, "--"]
    with stream_git(arguments, git_dir=git_dir) as process:
        assert process.stdout is not None
        lines = process.stdout.read().decode("ascii")
    if after is None:
        words = lines.split()
        return Links(words[1::2][::-1], list(map(int, words[::2]))[::-1], None)
    fields = [line.split() for line in reversed(lines.splitlines())]
    parent = next(iter(fields[0][2:]), None) if fields else None
    return Links([it[1] for it in fields], [int(it[0]) for it in fields], parent)


def walk(
    git_dir: Path,
    tip: str,
    after: str | None,
    keep: Callable[[bytes], str | None],
    *,
    max_files: int,
    paths: Sequence[str] = (),
) -> Iterator[Step]:
    """What each commit after `after` (exclusive; None: from the root) changed, oldest first.

    keep: a file name to the text it goes by, or None to pass it over. Commits that change no
    kept path are passed over too. Moved files show as one path gone and one come; a merge is
    compared with its first parent, so what it brings in landed with it. paths: look at these
    alone, which spares git the rest of the tree. Raises `TooManyFilesError`.
    """
    revisions = [tip] if after is None else [tip, f"^{after}"]
    arguments = ["log", "--first-parent", "--diff-merges=first-parent", "--raw", "-z", "--reverse"]
    arguments += ["--no-renames", "--no-abbrev", f"--format={_FORMAT}"]
    arguments += ["--end-of-options", *revisions, "--", *paths]
    with stream_git(arguments, git_dir=git_dir) as process:
        assert process.stdout is not None
        yield from _parse_log(process.stdout, keep, max_files)


def list_tree(
    git_dir: Path,
    commit: str,
    keep: Callable[[bytes], str | None],
    *,
    max_files: int,
    paths: Sequence[str] = (),
) -> Iterator[Change]:
    """The kept regular files of a commit, each as a path that came, in git's order.

    paths: look at these alone. Raises `TooManyFilesError`.
    """
    arguments = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit, *paths]
    with stream_git(arguments, git_dir=git_dir) as process:
        assert process.stdout is not None
        for count, entry in enumerate(_tokens(process.stdout)):
            if count >= max_files:
                raise TooManyFilesError(commit, max_files)
            described, _, name = entry.partition(b"\t")
            mode, _, blob = described.split(b" ")
            if mode in REGULAR_MODES and (path := keep(name)) is not None:
                yield Change(path, None, blob.decode("ascii"))


def _parse_log(
    stream: IO[bytes], keep: Callable[[bytes], str | None], max_files: int
) -> Iterator[Step]:
    commit, author, merged = "", "", None
    changes: list[Change] = []
    seen = 0
    tokens = _tokens(stream)
    for token in tokens:
        if token.startswith(b"\x02"):
            if changes:
                yield Step(commit, author, tuple(changes), merged)
            commit_bytes, parents, name = token[1:].split(b"\x03", 2)
            commit, author = commit_bytes.decode("ascii"), name.decode("utf-8", "replace")
            merged = next(iter(parents.decode("ascii").split()[1:]), None)
            changes, seen = [], 0
            continue
        described = token.lstrip(b"\n")
        if not described:
            continue
        seen += 1
        if seen > max_files:
            raise TooManyFilesError(commit, max_files)
        path = keep(next(tokens))
        if path is not None:
            changes.append(_change(path, described))
    if changes:
        yield Step(commit, author, tuple(changes), merged)


def _change(path: str, described: bytes) -> Change:
    """From `:100644 100755 OLD NEW M`."""
    old_mode, new_mode, old, new, _ = described[1:].split(b" ", 4)
    return Change(
        path,
        old.decode("ascii") if old_mode in REGULAR_MODES else None,
        new.decode("ascii") if new_mode in REGULAR_MODES else None,
    )


def _tokens(stream: IO[bytes], size: int = 1 << 20) -> Iterator[bytes]:
    """The stream cut at its NUL bytes."""
    rest = b""
    while block := stream.read(size):
        pieces = (rest + block).split(b"\0")
        rest = pieces.pop()
        yield from pieces
    if rest:
        yield rest


def landing_times(committed_at: Iterable[int], before: int | None = None) -> list[int]:
    """Committer times made non-decreasing along the chain.

    before: landing time of the commit that the first one follows.
    """
    if before is None:
        return list(accumulate(committed_at, max))
    return list(accumulate(committed_at, max, initial=before))[1:]


def in_force_before(times: Sequence[int], moment: int) -> int | None:
    """Index of the last commit that landed before `moment` (exclusive), or None."""
    count = bisect_left(times, moment)
    return count - 1 if count else None
