"""Check trees and commits against their IDs.

Git does not check these objects when it reads them. For example, a flipped bit in the index of a
pack can make git read an object other than the requested one. The `objects` module checks the
contents of files when it reads them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from headway.git.object_id import has_id
from headway.git.objects import NO_OBJECT, WRONG_ID, UnreadableObjectError
from headway.git.process import GitError, stream_git
from headway.git.shared_process import READ_MANY, SharedProcess, requests, shared_process

_REQUESTS = 600
"""The maximum number of IDs to send to git before its responses are read.

Git responds only when all IDs have been sent, so the two processes cannot deadlock.
"""
_PENDING_TREES = 600
_KNOWN_TREES = 200_000
"""The maximum number of trees whose checks are cached."""


class _GitEndedError(Exception):
    """Git exited before it responded."""


class ObjectChecker:
    """Reads objects with one git process, and checks their types and IDs.

    Args:
        process: Returns the git process.
    """

    def __init__(self, process: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._process = process
        self._pending: list[str] = []
        self._known: set[str] = set()
        self.reading: str | None = None
        """The ID of the object that was last requested from git."""

    def add_tree(self, tree: str) -> None:
        """Add a tree to the next batch of checks. `flush` checks the last, incomplete batch.

        Raises:
            UnreadableObjectError: A tree is missing or damaged.
        """
        if tree not in self._known:
            if len(self._known) >= _KNOWN_TREES:
                self._known.clear()
            self._known.add(tree)
            self._pending.append(tree)
            if len(self._pending) >= _PENDING_TREES:
                self.flush()

    def flush(self) -> None:
        """Check the added trees.

        Raises:
            UnreadableObjectError: A tree is missing or damaged.
        """
        pending, self._pending = self._pending, []
        self.check(pending, b"tree")

    def check(self, ids: Sequence[str], kind: bytes) -> None:
        """Check that objects exist, have the given type, and match their IDs.

        Raises:
            UnreadableObjectError: An object fails the check.
        """
        for _ in self._contents(ids, kind):
            pass

    def contents(self, ids: Sequence[str], kind: bytes) -> list[bytes]:
        """Return the contents of objects after the same checks as in `check`.

        Raises:
            UnreadableObjectError: An object fails the check.
        """
        return list(self._contents(ids, kind))

    def root_of(self, commit: str) -> str:
        """Return the ID of the root tree of a commit.

        Raises:
            UnreadableObjectError: The commit is missing or damaged.
        """
        (content,) = self._contents([commit], b"commit")
        return content.partition(b"\n")[0].removeprefix(b"tree ").decode("ascii")

    def _contents(self, ids: Sequence[str], kind: bytes) -> Iterator[bytes]:
        """Yield the contents of objects after checking them."""
        if not ids:
            return
        process = self._process()
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None
        for start in range(0, len(ids), _REQUESTS):
            part = ids[start : start + _REQUESTS]
            self.reading = part[0]
            try:
                stdin.write(requests(part))
                stdin.flush()
            except BrokenPipeError:
                raise _GitEndedError from None
            for identity in part:
                self.reading = identity
                header = stdout.readline()
                if not header.endswith(b"\n"):
                    raise _GitEndedError
                fields = header.split()
                if len(fields) != 3:
                    raise UnreadableObjectError(identity, NO_OBJECT)
                size = int(fields[2])
                content = stdout.read(size + 1)
                if len(content) <= size:
                    raise _GitEndedError
                content = content[:size]
                if fields[1] != kind or not has_id(kind, content, identity):
                    raise UnreadableObjectError(identity, WRONG_ID)
                yield content


@contextmanager
def object_checker(git_dir: Path) -> Iterator[ObjectChecker]:
    """Start a checker for a repository, or use the repository's shared git process.

    Raises:
        UnreadableObjectError: Git could not read one of the objects.
        GitError: Git could not be started in the repository, or was killed.
    """
    shared = shared_process(git_dir)
    if shared is not None:
        with _shared_checker(shared) as shared_checker:
            yield shared_checker
        return
    checker: ObjectChecker | None = None
    ended = False
    try:
        with stream_git(READ_MANY, git_dir=git_dir, stdin=subprocess.PIPE) as process:
            checker = ObjectChecker(lambda: process)
            try:
                yield checker
            except _GitEndedError:
                ended = True
            finally:
                assert process.stdin is not None
                with suppress(BrokenPipeError):
                    process.stdin.close()
    except GitError as error:
        if checker is None or checker.reading is None or not ended or error.killed:
            raise
        raise UnreadableObjectError(checker.reading, error.reason) from error
    if ended and checker is not None and checker.reading is not None:
        raise UnreadableObjectError(checker.reading, "git exited too early")


@contextmanager
def _shared_checker(shared: SharedProcess) -> Iterator[ObjectChecker]:
    checker = ObjectChecker(shared.process)
    try:
        yield checker
    except _GitEndedError:
        error = shared.end()
        if error is not None and (error.killed or checker.reading is None):
            raise error from None
        reason = "git exited too early" if error is None else error.reason
        raise UnreadableObjectError(checker.reading or "", reason) from error
    except BaseException:
        # Responses to the last request may not have been read.
        shared.end()
        raise
