"""The messages between a command and the child process that sends its requests."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object."""

    etag: str | None
    generation: str | None
    """The version in the words of the service. Google Cloud Storage needs it in conditions."""
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
    """How long the child process waits for the service."""

    seconds: float = 60.0
    """The maximum time for a request without content. Content gets more time, by its size."""
    retries: int = 4
    """How often a request is repeated after a server error or a lost connection."""
    bytes_per_second: float = 100_000.0
    """The slowest transfer that is tolerated."""

    def seconds_for(self, size: int) -> float:
        """Return the maximum time for a transfer of `size` bytes."""
        return self.seconds + size / self.bytes_per_second


def version_to_json(version: ObjectVersion | None) -> dict[str, Any] | None:
    """Return a version as a JSON object; None if there is none."""
    return None if version is None else asdict(version)


def version_from_json(value: dict[str, Any] | None) -> ObjectVersion | None:
    """Return the version that `version_to_json` wrote."""
    return None if value is None else ObjectVersion(**value)
