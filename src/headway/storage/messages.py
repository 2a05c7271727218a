"""The messages between a command and the child process that sends its requests."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object."""

    etag: str | None
    generation: str | None
    """The version number that the service assigned, if any. Google Cloud Storage needs it in
    conditions.
    """
    size: int
    """The length of the object, in bytes."""

    def same_as(self, other: ObjectVersion | None) -> bool:
        """Return whether both are the same version."""
        return other is not None and (self.etag, self.generation, self.size) == (
            other.etag,
            other.generation,
            other.size,
        )


@dataclass(frozen=True, slots=True)
class Patience:
    """The limits on how long the child process waits for the service."""

    seconds: float = 60.0
    """The maximum time for a request without content. Requests with content get more time,
    depending on its size.
    """
    retries: int = 4
    """The number of times that a request is repeated after a server error or a lost connection."""
    bytes_per_second: float = 100_000.0
    """The minimum speed of a transfer."""

    def seconds_for(self, size: int) -> float:
        """Return the maximum time for a transfer of `size` bytes."""
        return self.seconds + size / self.bytes_per_second


def version_to_json(version: ObjectVersion | None) -> dict[str, Any] | None:
    """Return a version as a JSON object, or None without a version."""
    return None if version is None else asdict(version)


def version_from_json(value: dict[str, Any] | None) -> ObjectVersion | None:
    """Return the version from a result of `version_to_json`."""
    return None if value is None else ObjectVersion(**value)
