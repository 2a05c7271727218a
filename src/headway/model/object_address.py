"""The addresses of objects in object storage, such as `s3://bucket/prefix/headway.duckdb`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

Scheme = Literal["s3", "gs", "az"]

_SCHEMES = ("s3", "gs", "az")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)\Z", re.DOTALL)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]\Z")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._=+@-]+\Z")
"""Matches one part of a key. Services would escape other characters in different ways."""
_PREFIXES = {"s3": "AWS_", "gs": "GOOGLE_", "az": "AZURE_"}
_LONGEST_KEY = 900
"""The maximum length of a key. Services allow 1024 bytes, and Headway adds suffixes to keys."""


@dataclass(frozen=True, slots=True)
class ObjectAddress:
    """The address of one object, or of all objects whose keys begin with `key` and a slash."""

    scheme: Scheme
    """The service: `s3` for Amazon S3 and compatible services, `gs` for Google Cloud Storage, or
    `az` for Azure Blob Storage.
    """
    bucket: str
    """The bucket, or the container on Azure."""
    key: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.key}"

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    def with_ending(self, ending: str) -> ObjectAddress:
        """Return an address with a suffix appended to the key."""
        return ObjectAddress(self.scheme, self.bucket, self.key + ending)


def parse_object_address(text: str) -> ObjectAddress | None:
    """Parse an address. Return None for the path of a file.

    Raises:
        ValueError: The string looks like a URL but is not a valid address. The message gives the
            reason.
    """
    url = _URL.match(text)
    if url is None:
        return None
    scheme, (bucket, _, key) = url[1].lower(), url[2].partition("/")
    key = key.rstrip("/")
    if scheme not in _SCHEMES:
        raise ValueError("an address must begin with s3://, gs:// or az://")
    if not _BUCKET.match(bucket):
        raise ValueError(f"the name of the bucket must follow {scheme}://")
    if not key:
        raise ValueError(f"name an object, for example {scheme}://{bucket}/headway.duckdb")
    if len(key) > _LONGEST_KEY:
        raise ValueError(f"the key must not be longer than {_LONGEST_KEY} characters")
    if not all(map(_SEGMENT.match, key.split("/"))):
        raise ValueError(
            "the key may contain only letters, digits and . _ - = + @ between single slashes"
        )
    return ObjectAddress(cast("Scheme", scheme), bucket, key)


def storage_variables(address: ObjectAddress, names: Iterable[str]) -> list[str]:
    """Return the names of variables with settings and credentials for an object store.

    Args:
        address: An object in the object store.
        names: The names of all environment variables.
    """
    return [name for name in names if name.startswith(_PREFIXES[address.scheme])]
