"""One git process that reads the objects of a repository for several users.

Starting git takes longer than reading a few objects. A walk over some new commits therefore keeps
one process open. The process is used only for requests whose responses are read at once, so that
users can take turns.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from headway.git.object_id import has_id
from headway.git.process import GitError, stream_git

READ_MANY = ("cat-file", "--batch-command", "--buffer")
"""The git command that reads the input from `requests`."""

_MOST_BLOBS = 200
"""The maximum number of blobs in one request. Git responds only when all IDs have been sent, so the
IDs must fit in a pipe.
"""
_MOST_BYTES = 4_000_000
"""The maximum total size of blobs that are held in memory."""


def requests(ids: Iterable[str], command: str = "contents") -> bytes:
    """Return the input for `READ_MANY` that requests the given objects."""
    return "".join([*(f"{command} {identity}\n" for identity in ids), "flush\n"]).encode("ascii")


class KeptProcess:
    """A git process that starts on first use, and again after a failure."""

    def __init__(self, git_dir: Path, command: Sequence[str]) -> None:
        self.git_dir = git_dir
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._stack = ExitStack()

    def process(self) -> subprocess.Popen[bytes]:
        """Return the running process. Raises `GitError` if git cannot be started."""
        if self._process is None:
            self._process = self._stack.enter_context(
                stream_git(self._command, git_dir=self.git_dir, stdin=subprocess.PIPE)
            )
        return self._process

    def end(self) -> GitError | None:
        """End the process, and return its error, if any. The next use starts another one."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
        try:
            self._stack.close()
        except GitError as error:
            return error
        return None


class SharedProcess(KeptProcess):
    """The process that several users share."""

    def __init__(self, git_dir: Path) -> None:
        super().__init__(git_dir, READ_MANY)
        self.owner = os.getpid()

    def has_all(self, blobs: Collection[str]) -> bool:
        """Return whether git can read the type and size of all blobs.

        If there are too many blobs or git fails, the result is false.
        """
        return len(blobs) <= _MOST_BLOBS and self._sizes(blobs) is not None

    def small_contents(
        self, blobs: Sequence[str], max_bytes: int
    ) -> list[tuple[str, bytes]] | None:
        """Return the IDs and contents of blobs.

        Args:
            blobs: The IDs of the blobs.
            max_bytes: The maximum size of each blob.

        Returns:
            None if there are too many blobs, one of them is too large, or git cannot read one of
                them. The caller must then read the blobs in another way, which also finds the
                reason.
        """
        if len(blobs) > _MOST_BLOBS:
            return None
        sizes = self._sizes(blobs)
        if sizes is None or max(sizes, default=0) > max_bytes or sum(sizes) > _MOST_BYTES:
            return None
        contents = []
        try:
            stdout = self._send(requests(blobs)).stdout
            assert stdout is not None
            for blob, size in zip(blobs, sizes, strict=True):
                header = stdout.readline().split()
                content = stdout.read(size + 1)[:-1]
                if header[1:] != [b"blob", b"%d" % size] or not has_id(b"blob", content, blob):
                    self.end()
                    return None
                contents.append((blob, content))
        except (OSError, GitError):
            self.end()
            return None
        return contents

    def _sizes(self, blobs: Iterable[str]) -> list[int] | None:
        """Return the sizes of blobs, or None if git cannot state one of them."""
        ids = list(blobs)
        try:
            stdout = self._send(requests(ids, "info")).stdout
            assert stdout is not None
            lines = [stdout.readline().split() for _ in ids]
        except (OSError, GitError):
            self.end()
            return None
        if not all(lines):
            self.end()  # Git has exited.
        if not all(len(line) == 3 and line[2].isdigit() for line in lines):
            return None
        return [int(line[2]) for line in lines]

    def _send(self, lines: bytes) -> subprocess.Popen[bytes]:
        process = self.process()
        assert process.stdin is not None
        process.stdin.write(lines)
        process.stdin.flush()
        return process


_current: ContextVar[SharedProcess | None] = ContextVar("shared git process", default=None)


@contextmanager
def kept_open(git_dir: Path) -> Iterator[None]:
    """Share one git process between all small requests to a repository in the `with` block."""
    shared = SharedProcess(git_dir)
    token = _current.set(shared)
    try:
        yield
    finally:
        _current.reset(token)
        shared.end()


def shared_process(git_dir: Path) -> SharedProcess | None:
    """Return the shared process of a repository, or None outside of `kept_open`.

    A process that was forked inside the block must not use it.
    """
    shared = _current.get()
    if shared is None or shared.git_dir != git_dir or shared.owner != os.getpid():
        return None
    return shared
