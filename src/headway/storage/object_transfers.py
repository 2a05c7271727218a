"""Download the store, and replace it conditionally, in the child process."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from headway.storage.bucket import Bucket
from headway.storage.messages import ObjectVersion
from headway.storage.storage_errors import StorageError

_ATTEMPTS = 3
"""The maximum number of attempts to download an object that is replaced during each download."""
_LARGEST = 5_000_000_000
"""The maximum size of a store to upload, in bytes. S3 and Azure limit a single request to about
this size, and the client library supports conditions only for single requests.
"""
_NO_VERSION = ObjectVersion('"00000000000000000000000000000000"', "1", 0)
"""A version that no object has."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The result of `fetch`: the latest version of the store."""

    version: ObjectVersion
    downloaded: bool
    has_hash: bool = False
    """Whether the content was compared with the hash that was recorded when it was saved."""


def fetch(bucket: Bucket, key: str, known: Iterable[ObjectVersion], target: Path) -> Fetched | None:
    """Download an object unless its version is known.

    Args:
        bucket: The bucket.
        key: The key of the object.
        known: The versions that need no download.
        target: The file to write.

    Returns:
        The latest version, or None if the object does not exist.

    Raises:
        StorageError: The object could not be read, or its content differs from the uploaded
            content.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        found = bucket.head(key)
        if found is None:
            bucket.check_exists()
            return None
        version, recorded_hash = found
        if any(version.same_as(other) for other in known):
            return Fetched(version, downloaded=False)
        try:
            with target.open("wb") as file:
                sha256 = bucket.download(key, version, file)
        except OSError as error:
            raise StorageError(bucket.address, "disk", str(error.strerror)) from error
        except StorageError as error:
            if error.kind != "changed" or attempt == _ATTEMPTS:
                raise
            continue
        if recorded_hash not in (None, sha256):
            reason = "the hash of its content differs from the hash that was saved"
            raise StorageError(bucket.address, "damaged", reason)
        return Fetched(version, downloaded=True, has_hash=recorded_hash is not None)
    raise AssertionError("the last attempt returns or raises")


def save(
    bucket: Bucket, key: str, file: Path, expected: ObjectVersion | None, keep_as: str
) -> ObjectVersion:
    """Replace an object with a file on the condition that it has the expected version.

    Args:
        bucket: The bucket.
        key: The key of the object.
        file: The new content.
        expected: The version to replace, or None if the object must not exist.
        keep_as: The key for a copy of the current object, or an empty string for no copy.

    Raises:
        StorageError: The replacement failed or was not confirmed. The kind is `changed` if the
            object has another version.
    """
    size = file.stat().st_size
    if size > _LARGEST:
        reason = f"the store has {size:,} bytes, but one request can send at most {_LARGEST:,}"
        raise StorageError(bucket.address, "too large", reason)
    _check_conditions(bucket, f"{key}.check")
    if keep_as and expected is not None and _has_version(bucket, key, expected):
        bucket.copy(key, keep_as)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            return bucket.replace(key, data, expected, sha256)
        except StorageError as error:
            if error.kind not in ("changed", "unreachable"):
                raise
            # The service may have replaced the object even though its response was lost.
            found = bucket.head(key)
            if found is not None and found[1] == sha256:
                return found[0]
            raise


def _has_version(bucket: Bucket, key: str, version: ObjectVersion) -> bool:
    """Return whether an object still has this version. A killed process could have replaced it."""
    found = bucket.head(key)
    return found is not None and found[0].same_as(version)


def _check_conditions(bucket: Bucket, key: str) -> None:
    """Check that the service rejects requests with unmet conditions.

    Raises:
        StorageError: The service ignores conditions, or the bucket cannot be used.
    """
    if _was_done(bucket, key, None) and _was_done(bucket, key, None):
        raise _ignored(bucket)
    if _was_done(bucket, key, _NO_VERSION):
        raise _ignored(bucket)


def _was_done(bucket: Bucket, key: str, expected: ObjectVersion | None) -> bool:
    try:
        bucket.replace(key, b"Headway checks that conditional writes are refused.\n", expected)
    except StorageError as error:
        if error.kind == "changed":
            return False
        raise
    return True


def _ignored(bucket: Bucket) -> StorageError:
    return StorageError(
        bucket.address, "conditions", "the service ignores the conditions of writes"
    )
