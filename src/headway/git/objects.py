"""Read many blobs from a repository with one git process."""

from __future__ import annotations

import codecs
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from headway.git.object_id import begin_hash, has_id
from headway.git.process import MOST_KILLS, GitError, stream_git
from headway.git.shared_process import READ_MANY, KeptProcess, requests, shared_process

BINARY_PREFIX = 8000
"""Git treats a file as binary if its first 8,000 bytes contain a NUL byte."""

_ENCODINGS = (
    # UTF-32 comes first, because UTF-16-LE's byte order mark is a prefix of UTF-32-LE's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_MARKS = tuple(mark for mark, _ in _ENCODINGS)
_MARKS = (codecs.BOM_UTF8, *_WIDE_MARKS)

_BLOCK_BYTES = 1 << 20
"""The number of bytes to read at a time from a blob that is too large to keep."""

_RECENT_BYTES = 32 << 20
"""The maximum total size of the cached contents, in bytes."""


NO_OBJECT = "git has no such object"
WRONG_ID = "its type or content does not match its ID, because the repository is damaged"

_MOST_DAMAGED = 100
"""The maximum number of damaged objects to skip in one call. Git must be restarted after each of
them.
"""


class UnreadError(Exception):
    """The content of an object in the history was not read."""


class UnreadableObjectError(UnreadError):
    """An object in the history cannot be read."""

    def __init__(self, blob: str, reason: str) -> None:
        super().__init__(f"object {blob[:12]} cannot be read: {reason}")


class _EarlyEndError(UnreadableObjectError):
    """Git exited in the middle of its response."""

    def __init__(self, blob: str) -> None:
        super().__init__(blob, "git exited before the end of the object")


class TooLargeError(UnreadError):
    """A text file exceeds the size limit, so it was not read."""

    def __init__(self, blob: str, size: int, limit: int) -> None:
        self.size = size
        super().__init__(
            f"object {blob[:12]} is a text file of {size:,} bytes, which exceeds the "
            f"limit of {limit:,} (`file_megabytes` under [limits] in headway.toml)"
        )


def is_binary(content: bytes) -> bool:
    """Return whether git would treat this content as binary."""
    return content.find(b"\0", 0, BINARY_PREFIX) >= 0


def text_in(content: bytes) -> bytes | None:
    """Return the content of a text file without a byte order mark, or None for a binary file.

    UTF-16 and UTF-32 with a byte order mark are converted to UTF-8. Nothing else is converted.
    """
    if not content.startswith(_MARKS):
        return None if is_binary(content) else content
    for mark, encoding in _ENCODINGS:
        if content.startswith(mark):
            try:
                text = content[len(mark) :].decode(encoding).encode()
            except UnicodeDecodeError:
                # Some binary formats, such as MP3, begin with the same bytes.
                continue
            if not is_binary(text):
                return text
    return None if is_binary(content) else content.removeprefix(codecs.BOM_UTF8)


def read_texts(
    git_dir: Path, blobs: Sequence[str], *, max_bytes: int
) -> Iterator[tuple[str, bytes | None]]:
    """Yield the ID and text of each blob in the given order, with None for binary files.

    The text is the result of `text_in`. Only one blob is in memory at a time.

    Raises:
        UnreadableObjectError: An object is missing or damaged. All blobs that were already yielded
            are valid.
        TooLargeError: A text file has more than `max_bytes` bytes.
    """
    for blob, text in read_each_text(git_dir, blobs, max_bytes=max_bytes):
        if isinstance(text, UnreadError):
            raise text
        yield blob, text


def read_each_text(
    git_dir: Path, blobs: Sequence[str], *, max_bytes: int
) -> Iterator[tuple[str, bytes | UnreadError | None]]:
    """Read blobs like `read_texts`, but yield an error in place of an unreadable or large blob.

    Raises:
        UnreadableObjectError: Too many objects are damaged.
    """
    for blob, read in _read_each(git_dir, blobs, max_bytes):
        if isinstance(read, bytes):
            yield blob, text_in(read)
        elif isinstance(read, UnreadError):
            yield blob, read
        elif read.is_binary:
            yield blob, None
        else:
            yield blob, TooLargeError(blob, read.size, max_bytes)


def read_contents(
    git_dir: Path, blobs: Sequence[str], *, max_bytes: int
) -> Iterator[tuple[str, bytes | None]]:
    """Yield the ID and content of each blob. The content is None for a file over `max_bytes`."""
    for blob, content in read_each_content(git_dir, blobs, max_bytes=max_bytes):
        if isinstance(content, UnreadError):
            raise content
        yield blob, content


def read_each_content(
    git_dir: Path, blobs: Sequence[str], *, max_bytes: int
) -> Iterator[tuple[str, bytes | UnreadError | None]]:
    """Read blobs like `read_contents`, but yield an error in place of an unreadable blob.

    Raises:
        UnreadableObjectError: Too many objects are damaged.
    """
    for blob, read in _read_each(git_dir, blobs, max_bytes):
        yield blob, None if isinstance(read, _TooLarge) else read


class BlobReader:
    """Reads individual text files on demand, with one git process that stays open.

    Recently read contents are cached, because the next commit often needs them again.

    Args:
        git_dir: The git directory of the repository.
        max_bytes: The size limit. Larger files are not read.
    """

    def __init__(self, git_dir: Path, *, max_bytes: int) -> None:
        self._git_dir = git_dir
        self._max_bytes = max_bytes
        self._process = KeptProcess(git_dir, ("cat-file", "--batch"))
        self._recent: OrderedDict[str, bytes | None] = OrderedDict()
        self._recent_bytes = 0

    def read(self, blob: str) -> bytes | None:
        """Return a blob's text (see `text_in`), or None if the file is binary or over the limit.

        Raises:
            UnreadableObjectError: The object is missing, damaged, or not a blob.
        """
        try:
            return self.read_text(blob)
        except TooLargeError:
            return None

    def read_text(self, blob: str) -> bytes | None:
        """Return a blob's text (see `text_in`), or None if the file is binary.

        Raises:
            UnreadableObjectError: The object is missing, damaged, or not a blob.
            TooLargeError: A text file is over the limit.
        """
        if blob in self._recent:
            self._recent.move_to_end(blob)
            return self._recent[blob]
        content = self._ask(blob)
        if isinstance(content, _TooLarge):
            if content.is_binary:
                return None
            raise TooLargeError(blob, content.size, self._max_bytes)
        text = self._recent[blob] = text_in(content)
        self._recent_bytes += len(text or b"")
        while self._recent_bytes > _RECENT_BYTES:
            _, forgotten = self._recent.popitem(last=False)
            self._recent_bytes -= len(forgotten or b"")
        return text

    def close(self) -> None:
        """End the git process."""
        self._process.end()

    def _ask(self, blob: str, kills: int = 0) -> bytes | _TooLarge:
        shared = shared_process(self._git_dir)
        contents = None if shared is None else shared.small_contents([blob], self._max_bytes)
        if contents is not None:
            return contents[0][1]
        try:
            process = self._process.process()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{blob}\n".encode("ascii"))
            process.stdin.flush()
            header = process.stdout.readline()
            read = _read_one(process.stdout, header, blob, self._max_bytes)
        except (OSError, UnreadableObjectError) as error:
            # End the process, because unread output can remain in its pipe after an error.
            ended = self._process.end()
            if ended is not None and ended.killed and kills < MOST_KILLS:
                return self._ask(blob, kills + 1)
            if isinstance(error, OSError):
                raise UnreadableObjectError(blob, "git exited too early") from error
            raise
        if isinstance(read, UnreadableObjectError):
            raise read
        return read


class _TooLarge(NamedTuple):
    """A blob that exceeds the size limit."""

    size: int
    """The size of the blob, in bytes."""
    start: bytes
    """The first bytes, which are enough to recognise a binary file."""

    @property
    def is_binary(self) -> bool:
        """Return whether the file is binary. A UTF-16 or UTF-32 byte order mark means text."""
        return is_binary(self.start) and not self.start.startswith(_WIDE_MARKS)


def _read_each(
    git_dir: Path, blobs: Sequence[str], max_bytes: int
) -> Iterator[tuple[str, bytes | _TooLarge | UnreadError]]:
    """Read blobs in the given order. Restart git if it is killed, and after damaged objects."""
    shared = shared_process(git_dir)
    contents = None if shared is None else shared.small_contents(blobs, max_bytes)
    if contents is not None:
        yield from contents
        return
    done = damaged = kills = 0
    while done < len(blobs):
        try:
            for blob, read in _read(git_dir, blobs[done:] if done else blobs, max_bytes):
                done += 1
                yield blob, read
        except UnreadableObjectError as error:
            damaged += 1
            if damaged > _MOST_DAMAGED or done == len(blobs):
                raise
            done += 1
            yield blobs[done - 1], error
        except GitError as error:
            kills += 1
            if kills > MOST_KILLS:
                raise UnreadableObjectError(blobs[done], error.reason) from error


def _read(
    git_dir: Path, blobs: Sequence[str], max_bytes: int
) -> Iterator[tuple[str, bytes | _TooLarge | UnreadError]]:
    """Read blobs with one git process.

    Raises:
        UnreadableObjectError: git exited at the blob after the last yielded one.
        GitError: git was killed at the blob after the last yielded one.
    """
    reading = blobs[0]
    try:
        with stream_git(READ_MANY, git_dir=git_dir, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            feeder = threading.Thread(target=_feed, args=(process.stdin, blobs), daemon=True)
            feeder.start()
            readline = process.stdout.readline
            with suppress(_EarlyEndError):
                for blob in blobs:
                    reading = blob
                    header = readline()
                    if not header.endswith(b"\n"):
                        break
                    if header.endswith(b" missing\n"):
                        yield blob, UnreadableObjectError(blob, NO_OBJECT)
                    else:
                        yield blob, _read_one(process.stdout, header, blob, max_bytes)
                else:
                    feeder.join()
                    return
    except GitError as error:
        if error.killed:
            raise
        raise UnreadableObjectError(reading, error.reason) from error
    raise UnreadableObjectError(reading, "git exited too early")


def _read_one(
    stream: IO[bytes], header: bytes, blob: str, max_bytes: int
) -> bytes | _TooLarge | UnreadableObjectError:
    """Read the rest of git's response. Return an error if the object is not the requested blob.

    Raises:
        UnreadableObjectError: The response ended too early, or git does not have the object.
    """
    if not header.endswith(b"\n"):
        raise _EarlyEndError(blob)
    fields = header.split()
    if len(fields) != 3 or not fields[2].isdigit():
        raise UnreadableObjectError(blob, NO_OBJECT)
    kind, size = fields[1], int(fields[2])
    if size <= max_bytes:
        content = stream.read(size)
        if len(content) != size or not stream.read(1):
            raise _EarlyEndError(blob)
        if kind != b"blob" or not has_id(kind, content, blob):
            return UnreadableObjectError(blob, WRONG_ID)
        return content
    start = stream.read(min(size, BINARY_PREFIX))
    found = begin_hash(kind, size, blob)
    found.update(start)
    for block in _blocks(stream, size - len(start)):
        found.update(block)
    if not stream.read(1):
        raise _EarlyEndError(blob)
    if kind != b"blob" or found.hexdigest() != blob:
        return UnreadableObjectError(blob, WRONG_ID)
    return _TooLarge(size, start)


def _blocks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield the next `size` bytes of a stream in parts, without storing them."""
    while size > 0:
        block = stream.read(min(size, _BLOCK_BYTES))
        if not block:
            return
        size -= len(block)
        yield block


def _feed(stream: IO[bytes], blobs: Iterable[str]) -> None:
    try:
        with stream:
            # Write all requests at once. With a separate write for each request, this thread would
            # often take the GIL from the reader. Git answers only after the last line. If a scanner
            # forks later, the copy of this process therefore cannot make git wait for the end of
            # its input.
            stream.write(requests(blobs))
    except BrokenPipeError:
        # Git exited early. The reader of its output raises the error.
        pass
