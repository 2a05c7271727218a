"""Check commits against their IDs while git lists them.

`git rev-list --header` prints the content of each commit, but it indents the message and removes
spaces at the ends of lines. The content of nearly every commit can be restored from this output, so
git does not have to read these commits a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import IO, NamedTuple

OPTIONS = ("--timestamp", "--header", "--encoding=none")
"""The options with which `git rev-list` prints the input of `listed_commits`."""
_BLOCK_BYTES = 1 << 20
"""The number of bytes of git's output to read at a time."""
_ENDINGS = (b"\n", b"", b"\n\n")
"""The usual ends of commit messages. Git does not print them; forges often use the other two."""
_ALGORITHMS = {40: hashlib.sha1, 64: hashlib.sha256}
"""The hash algorithms by the length of an ID."""


class ListedCommits(NamedTuple):
    """The commits that `git rev-list` printed, in git's order."""

    identities: list[str]
    committed_at: list[int]
    """The committer times, in seconds since 1970 UTC."""
    last_parent: str | None
    """The first parent of the last commit. None without the option `--parents`."""
    unchecked: list[str]
    """The commits that do not match their ID. They are damaged or were not restored."""


def listed_commits(stream: IO[bytes]) -> ListedCommits:
    """Read the commits that `git rev-list` prints. Omit a last commit that is incomplete."""
    identities, times, unchecked = [], [], []
    parents: list[bytes] = []
    ending = _ENDINGS[0]
    for record in _records(stream):
        top, _, message = record.partition(b"\n\n    ")
        line, _, header = top.partition(b"\n")
        time, name, *parents = line.split()
        identity = name.decode("ascii")
        message = message[:-1].replace(b"\n    ", b"\n")
        if not _has_id(identity, header, message, ending):
            for ending in _ENDINGS:
                if _has_id(identity, header, message, ending):
                    break
            else:
                unchecked.append(identity)
        identities.append(identity)
        times.append(int(time))
    last_parent = parents[0].decode("ascii") if parents else None
    return ListedCommits(identities, times, last_parent, unchecked)


def _records(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the parts of the stream that end with a NUL byte."""
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        records = (rest + block).split(b"\0")
        rest = records.pop()
        yield from records


def _has_id(identity: str, header: bytes, message: bytes, ending: bytes) -> bool:
    """Return whether a commit with this header and message has this ID."""
    length = len(header) + 2 + len(message) + len(ending)
    content = b"commit %d\0%b\n\n%b%b" % (length, header, message, ending)
    found = _ALGORITHMS[len(identity)](content, usedforsecurity=False)
    return found.hexdigest() == identity
