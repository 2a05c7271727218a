"""Requests and responses of `git fetch` in version 2 of git's protocol.

In this version, a client can send each request separately, without first reading the capabilities
(https://git-scm.com/docs/protocol-v2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence

from headway.git.fetch_errors import (
    BLOBS_REFUSED,
    BlobRefusedError,
    FetchError,
    NoDirectAnswerError,
)

Read = Callable[[int], bytes]
"""Returns up to the given number of bytes of a response, or empty bytes at its end."""

_FLUSH, _DELIMITER = "0000", "0001"
_CONTENT, _PROGRESS, _FAILURE = b"\x01", b"\x02", b"\x03"
_HEADER_BYTES = 4
_NOT_THERE = re.compile(rb"not our ref|unadvertised object")
_HEAD_LINE = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) HEAD(?: [^\n]*)?\n?\Z")


def fetch_request(wants: Sequence[str], haves: Sequence[str] = (), *, blobs: bool) -> bytes:
    """Return the request for a pack.

    Args:
        wants: The IDs of the requested objects, all with the same hash algorithm.
        haves: Commits that need not be sent, because the mirror already has them with their
            contents.
        blobs: Whether to send the blobs in the requested commits. Blobs in `wants` are always sent.
    """
    lines = ["ofs-delta", "no-progress", *(["thin-pack"] if haves else [])]
    lines += [] if blobs else ["filter blob:none"]
    lines += [f"want {want}" for want in wants]
    lines += [f"have {have}" for have in haves]
    return _request("fetch", [f"object-format={_hash_algorithm(wants[0])}"], [*lines, "done"])


def head_request() -> bytes:
    """Return the request for the commit that HEAD points to."""
    return _request("ls-refs", [], ["ref-prefix HEAD"])


def pack_data(read: Read) -> Generator[bytes]:
    """Yield the pack in the response to a `fetch_request`, in parts.

    Raises:
        BlobRefusedError: The server does not send a requested object.
        FetchError: The response is malformed or ended too early, or the server reports an error.
        NoDirectAnswerError: This module does not understand the response.
    """
    first = _packet(read, is_first=True)
    if isinstance(first, bytes) and first.startswith(b"ERR "):
        if _NOT_THERE.search(first):
            raise BlobRefusedError(BLOBS_REFUSED)
        raise NoDirectAnswerError
    if first != b"packfile\n":
        raise NoDirectAnswerError(whole_forge=first != b"shallow-info\n")
    while (packet := _packet(read)) != _FLUSH:
        if not isinstance(packet, bytes):
            raise FetchError("git cannot fetch the repository: the forge's response is malformed")
        band, content = packet[:1], packet[1:]
        if band == _CONTENT:
            yield content
        elif band != _PROGRESS:
            # The server's message is not shown, because it is of little use without the server's
            # log.
            raise FetchError(
                "git cannot fetch the repository: the forge reported an error", transient=True
            )


def head_commit(read: Read) -> str | None:
    """Return the commit in the response to a `head_request`, or None if HEAD has no commit.

    Raises:
        FetchError: The response ended too early.
        NoDirectAnswerError: This module does not understand the response.
    """
    commit = None
    packet = _packet(read, is_first=True)
    while packet != _FLUSH:
        if not isinstance(packet, bytes) or packet.startswith(b"ERR "):
            raise NoDirectAnswerError
        if (found := _HEAD_LINE.match(packet)) is not None:
            commit = found[1].decode("ascii")
        packet = _packet(read)
    return commit


def _request(command: str, capabilities: Sequence[str], lines: Sequence[str]) -> bytes:
    head = [f"command={command}", "agent=headway", *capabilities]
    parts = [*map(_line, head), _DELIMITER, *map(_line, lines), _FLUSH]
    return "".join(parts).encode("ascii")


def _line(text: str) -> str:
    return f"{_HEADER_BYTES + len(text) + 1:04x}{text}\n"


def _hash_algorithm(identity: str) -> str:
    return "sha256" if len(identity) == 64 else "sha1"


def _packet(read: Read, *, is_first: bool = False) -> bytes | str:
    """Return the content of the next packet, or the header of a packet without content."""
    header = _exactly(read, _HEADER_BYTES, is_first=is_first)
    if header in (b"0000", b"0001", b"0002"):
        return header.decode("ascii")
    try:
        size = int(header, 16) - _HEADER_BYTES
    except ValueError:
        size = -1
    if size < 1:
        raise NoDirectAnswerError(whole_forge=is_first)
    return _exactly(read, size)


def _exactly(read: Read, size: int, *, is_first: bool = False) -> bytes:
    parts = []
    missing = size
    while missing:
        part = read(missing)
        if not part:
            if is_first and missing == size:
                raise NoDirectAnswerError(whole_forge=True)
            raise FetchError(
                "git cannot fetch the repository: the response from the forge was incomplete",
                transient=True,
            )
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
