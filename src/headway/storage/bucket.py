"""Send requests with a time limit to one bucket. Only the child process (`agent`) does this."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from headway.model.object_address import ObjectAddress
from headway.storage.messages import ObjectVersion, Patience
from headway.storage.storage_errors import StorageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

ENDPOINTS = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
"""The environment variables that can set the URL of the service, for each URL scheme."""

_HASH = "headwaysha256"
"""The name of the attribute with the hash of an object's content. Azure allows only letters and
digits in such names.
"""
_LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_CREDENTIALS = re.compile(
    r"/latest/(?:api/token|meta-data)|/metadata/identity|metadata\.google|"
    r"169\.254\.169\.254|Account must be specified|"
    r"redential|TokenRequest|token request",
)
_CUT = re.compile(
    r"(operation timed out|TimedOut)|(dns error|failed to lookup)|(ConnectionRefused)|"
    r"(error decoding response body|IncompleteMessage|ConnectionReset|UnexpectedEof)"
)
_CUT_REASONS = (
    "it did not respond in time",
    "its host was not found",
    "its host refuses connections",
    "the connection was cut",
)
_CHUNK_BYTES = 1 << 20
_REGION_CODES = frozenset(
    ("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException")
)
_KEY_CODES = frozenset(("InvalidAccessKeyId", "ExpiredToken", "InvalidToken"))


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object in a listing."""

    key: str
    modified: datetime


class Bucket:
    """The objects in a bucket. Error messages name the store's object.

    Args:
        address: The address of the store, for error messages.
        environment: The variables with the settings and credentials.
        patience: The limits on waiting.
    """

    def __init__(
        self, address: ObjectAddress, environment: Mapping[str, str], patience: Patience
    ) -> None:
        self.address = address
        self._patience = patience
        self._loopback_http = self._check_endpoints(environment)
        named = [name for name in ENDPOINTS[address.scheme] if environment.get(name)]
        # Older versions of the library do not recognise all variables for S3.
        is_known = not named or address.scheme != "s3"
        self._config = {} if is_known else {"endpoint": environment[named[0]]}

    def head(self, key: str) -> tuple[ObjectVersion, str | None] | None:
        """Return the version of an object and, if it was recorded, the hash of its content.

        Returns:
            None if the object does not exist.
        """
        import obstore

        with self._errors_named():
            try:
                found = obstore.get(self._store(), key, options={"head": True})
            except FileNotFoundError:
                return None
            return _version(found.meta), found.attributes.get(_HASH)

    def check_exists(self) -> None:
        """Raise `StorageError` if listing the bucket fails for a reason other than permissions."""
        import obstore

        try:
            with self._errors_named():
                next(iter(obstore.list(self._store(), f"{self.address.key}/", chunk_size=1)), None)
        except StorageError as error:
            if error.kind != "denied":
                raise

    def download(self, key: str, version: ObjectVersion, target: BinaryIO) -> str:
        """Write one version of an object to a file, and return the hash of its content.

        Raises:
            StorageError: The version could not be read completely.
        """
        import obstore

        content, size = hashlib.sha256(), 0
        with self._errors_named():
            options: Any = {"if_match": version.etag} if version.etag else {}
            result = obstore.get(self._store(version.size), key, options=options)
            for chunk in result.stream(min_chunk_size=_CHUNK_BYTES):
                content.update(chunk)
                size += len(chunk)
                target.write(chunk)
        if size != version.size:
            raise StorageError(
                self.address, "incomplete", f"{size:,} of {version.size:,} bytes arrived"
            )
        return content.hexdigest()

    def read(self, key: str) -> tuple[bytes, ObjectVersion] | None:
        """Return the content and version of a small object, or None if it does not exist."""
        import obstore

        with self._errors_named():
            try:
                found = obstore.get(self._store(), key)
                return bytes(found.bytes()), _version(found.meta)
            except FileNotFoundError:
                return None

    def replace(
        self, key: str, content: Any, expected: ObjectVersion | None, sha256: str = ""
    ) -> ObjectVersion:
        """Replace an object on the condition that it has the expected version.

        Args:
            key: The key of the object.
            content: The new content, as bytes or as a mapped file. A mapped file is not copied to
                memory.
            expected: The version to replace, or None if the object must not exist.
            sha256: The hash of the content to record, or an empty string.

        Raises:
            StorageError: The object was not replaced. The kind is `changed` if it has another
                version.
        """
        import obstore

        mode: Any = "create" if expected is None else _condition(expected)
        attributes: Any = {_HASH: sha256} if sha256 else None
        with self._errors_named(writes=True):
            store = self._store(len(content))
            result = obstore.put(store, key, content, mode=mode, attributes=attributes)
        return ObjectVersion(result["e_tag"], result["version"], len(content))

    def put(self, key: str, file: Path) -> None:
        """Upload a file unconditionally."""
        import obstore

        with self._errors_named(writes=True):
            obstore.put(self._store(file.stat().st_size), key, file)

    def copy(self, key: str, target: str) -> None:
        """Copy an object within the bucket."""
        import obstore

        with self._errors_named(writes=True):
            obstore.copy(self._store(), key, target)

    def listing(self, prefix: str) -> Iterator[ListedObject]:
        """List the objects whose keys begin with a prefix. The prefix must end with a slash."""
        import obstore

        with self._errors_named():
            for listed in obstore.list(self._store(), prefix):
                for entry in listed:
                    yield ListedObject(entry["path"], entry["last_modified"])

    def delete(self, keys: list[str]) -> None:
        """Delete objects."""
        import obstore

        with self._errors_named():
            obstore.delete(self._store(), keys)

    def _check_endpoints(self, environment: Mapping[str, str]) -> bool:
        """Return whether requests go to this machine over plain HTTP.

        Raises:
            StorageError: Requests would go to another machine over plain HTTP.
        """
        loopback = False
        for name in ENDPOINTS[self.address.scheme]:
            url = urlsplit(environment.get(name, "").strip())
            if url.scheme == "http" and url.hostname in _LOOPBACK:
                loopback = True
            elif url.scheme not in ("https", ""):
                reason = f"the URL in {name} does not use encryption"
                raise StorageError(self.address, "insecure", reason)
        return loopback or environment.get("AZURE_STORAGE_USE_EMULATOR", "").lower() == "true"

    def _store(self, size: int = 0) -> ObjectStore:
        """Return a client for requests that transfer up to `size` bytes."""
        from obstore.store import AzureStore, GCSStore, S3Store

        client: Any = {
            "allow_http": self._loopback_http,
            "connect_timeout": timedelta(seconds=min(10.0, self._patience.seconds)),
            "timeout": timedelta(seconds=self._patience.seconds_for(size)),
        }
        retry: Any = {
            "max_retries": self._patience.retries,
            "retry_timeout": timedelta(seconds=2 * self._patience.seconds_for(size)),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=5),
                "base": 2,
            },
        }
        classes: Any = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
        store: ObjectStore = classes[self.address.scheme](
            self.address.bucket, config=self._config, client_options=client, retry_config=retry
        )
        return store

    @contextmanager
    def _errors_named(self, *, writes: bool = False) -> Iterator[None]:
        """Convert the library's errors to `StorageError`.

        Args:
            writes: Whether the request writes. For such a request, the library also reports a
                missing bucket as an unmet condition.
        """
        from obstore import exceptions

        try:
            yield
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError) as error:
            raise self._changed(str(error), writes=writes) from None
        except (exceptions.BaseError, FileNotFoundError, ValueError) as error:
            raise self._named(str(error)) from None
        except OSError as error:
            if error.errno is None:
                raise self._named(str(error)) from None
            raise StorageError(self.address, "disk", error.strerror or "disk error") from None

    def _changed(self, text: str, *, writes: bool) -> StorageError:
        if writes and _CODE.search(text) and "NoSuchBucket" in text:
            return self._named(text)
        return StorageError(self.address, "changed", "another process has replaced it")

    def _named(self, text: str) -> StorageError:
        """Return the error for a library's message. Remove URLs, which may contain secrets."""
        first = text.partition("\n\nDebug source")[0]
        status, code = _STATUS.search(first), _CODE.search(first)
        number, name = int(status[1]) if status else 0, code[1] if code else ""
        shown = f"the service responded with status {number}" + (f" ({name})" if name else "")
        if name in ("NoSuchBucket", "ContainerNotFound"):
            kind = "container" if self.address.scheme == "az" else "bucket"
            return StorageError(self.address, "no bucket", f"there is no such {kind}")
        if name in _REGION_CODES or "incorrectly configured region" in first or number == 301:
            reason = "the bucket is not in the region that AWS_REGION names"
            return StorageError(self.address, "region", reason)
        if _CREDENTIALS.search(first) or name in _KEY_CODES:
            detail = f" ({name})" if name else ""
            return StorageError(
                self.address, "credentials", f"there are no valid credentials{detail}"
            )
        if number in (401, 403):
            return StorageError(self.address, "denied", shown)
        if number == 501:
            return StorageError(self.address, "conditions", shown)
        if number and number < 500 and number != 429:
            return StorageError(self.address, "refused", shown)
        cut = _CUT.search(text)
        reason = _CUT_REASONS[(cut.lastindex or 1) - 1] if cut else "the connection failed"
        return StorageError(self.address, "unreachable", shown if number else reason)


def _version(meta: Any) -> ObjectVersion:
    return ObjectVersion(meta["e_tag"], meta["version"], meta["size"])


def _condition(version: ObjectVersion) -> dict[str, str]:
    parts = {"e_tag": version.etag, "version": version.generation}
    return {name: value for name, value in parts.items() if value is not None}
