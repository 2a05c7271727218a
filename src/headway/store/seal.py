"""Seal a store's file, so that misplaced blocks are detected.

DuckDB verifies the checksum of each block that it reads, but not the position of the block. A
swapped or outdated block could therefore lead to wrong numbers. The seal is a short trailer after
the last block, with a fingerprint of the checksums of all blocks. DuckDB ignores the seal. If
another program has written to the store, the headers have changed, and the seal no longer applies.
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

_MAGIC = b"Headway seal 01\n"
_TRAILER = struct.Struct("<16sQ32s32s")
"""The magic bytes, the length of the file without the trailer, and the fingerprints of the headers
and of the blocks' checksums.
"""
_HEADER_BYTES = 4096
_HEADERS_BYTES = 3 * _HEADER_BYTES
"""The length of the headers. DuckDB's files begin with one main header and two alternating database
headers.
"""
_DATABASE_HEADER = struct.Struct("<8xQQQQQ")
"""The fields of a database header after its checksum: iteration, meta block, free list, block count
and block size.
"""
_CHECKSUM_BYTES = 8
_BLOCK_SIZES = range(4096, (1 << 24) + 1)


class BlocksMovedError(Exception):
    """Blocks of a sealed file are missing or misplaced."""


def seal(path: Path) -> None:
    """Seal a database file that no process has open, and flush it to the disk.

    A file with an unknown format is not sealed.

    Raises:
        OSError: The file could not be read or written.
    """
    with path.open("r+b") as file:
        descriptor = file.fileno()
        headers = os.pread(descriptor, _HEADERS_BYTES, 0)
        block_bytes = _block_bytes(headers)
        if block_bytes is None:
            return
        length = _length_without_seal(descriptor)
        checksums = _fingerprint_of_checksums(descriptor, length, block_bytes)
        os.ftruncate(descriptor, length)
        trailer = _TRAILER.pack(_MAGIC, length, hashlib.sha256(headers).digest(), checksums)
        os.pwrite(descriptor, trailer, length)
        os.fsync(descriptor)


def verify(path: Path) -> None:
    """Check a database file against its seal, if it has a valid one.

    Raises:
        BlocksMovedError: Sealed blocks are missing or misplaced.
        OSError: The file could not be read.
    """
    with path.open("rb") as file:
        descriptor = file.fileno()
        headers = os.pread(descriptor, _HEADERS_BYTES, 0)
        block_bytes = _block_bytes(headers)
        length = _length_without_seal(descriptor)
        trailer = os.pread(descriptor, _TRAILER.size, length)
        if block_bytes is None or len(trailer) < _TRAILER.size:
            return
        _, _, sealed_headers, sealed_checksums = _TRAILER.unpack(trailer)
        if hashlib.sha256(headers).digest() != sealed_headers:
            return
        if _fingerprint_of_checksums(descriptor, length, block_bytes) != sealed_checksums:
            raise BlocksMovedError("some blocks are in the wrong position")


def is_short(path: Path) -> bool:
    """Return whether a file has no seal and is shorter than its headers state.

    Such a file was truncated, or another program has deleted tables.

    Raises:
        OSError: The file could not be read.
    """
    with path.open("rb") as file:
        newest = _newest_header(os.pread(file.fileno(), _HEADERS_BYTES, 0))
        size = os.fstat(file.fileno()).st_size
        sealed = _length_without_seal(file.fileno()) < size
    return newest is not None and not sealed and size < _HEADERS_BYTES + newest[-2] * newest[-1]


def _length_without_seal(descriptor: int) -> int:
    """Return the position of the seal, or the length of the file if it has none."""
    size = os.fstat(descriptor).st_size
    trailer = os.pread(descriptor, _TRAILER.size, max(0, size - _TRAILER.size))
    if len(trailer) == _TRAILER.size:
        magic, length, _, _ = _TRAILER.unpack(trailer)
        if magic == _MAGIC and length == size - _TRAILER.size:
            return size - _TRAILER.size
    return size


def _block_bytes(headers: bytes) -> int | None:
    """Return the size of a block, or None for a file that is not in a known DuckDB format."""
    newest = _newest_header(headers)
    return None if newest is None else newest[-1]


def _newest_header(headers: bytes) -> tuple[int, ...] | None:
    """Return the fields of `_DATABASE_HEADER`, or None for a file in another format."""
    if len(headers) < _HEADERS_BYTES or headers[8:12] != b"DUCK":
        return None
    newest = max(
        _DATABASE_HEADER.unpack_from(headers, position)
        for position in (_HEADER_BYTES, 2 * _HEADER_BYTES)
    )
    return newest if newest[-1] in _BLOCK_SIZES else None


def _fingerprint_of_checksums(descriptor: int, length: int, block_bytes: int) -> bytes:
    """Return a hash of the checksums at the beginning of all blocks."""
    fingerprint = hashlib.sha256()
    for position in range(_HEADERS_BYTES, length, block_bytes):
        fingerprint.update(os.pread(descriptor, _CHECKSUM_BYTES, position))
    return fingerprint.digest()
