"""The messages between a coordinator and the hosts of its seats, as bytes.

The first message and its reply are JSON, so that machines with different versions of Headway can
read them. All other messages are pickled records.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from headway.cluster.code_version import CodeVersion
from headway.model.limits import Limits
from headway.model.repository import Repository
from headway.scan.job import Job, JobResult
from headway.scan.job_executor import NoMirror


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The first message to a host."""

    workspace: Path
    """The folder that contains headway.toml on the coordinator. The workspace can be in a different
    folder on the host's machine.
    """
    limits: Mapping[str, Any]
    """The fields of the `Limits` of the scan."""
    seats: int = 1
    """The number of hosts that can send requests to the forges at the same time."""
    seats_of_worker: int = 1
    """The number of hosts that share the disk budget of one Dask worker."""
    allow_loopback_http: bool = False
    """Whether plain HTTP to forges on the same machine is allowed. Only tests allow it."""
    plan: str = ""
    """The path of a file with the `BuildPlan` of a site; empty for a scan."""
    shared: Mapping[str, str | None] = field(default_factory=dict)
    """The fingerprints of files that the host's machine must share, by path. None for a missing
    file.
    """

    def encode(self) -> bytes:
        """Return the message as bytes."""
        return json.dumps(asdict(self) | {"workspace": str(self.workspace)}).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the message in `data`, without fields that another version of Headway added."""
        fields = {name: value for name, value in json.loads(data).items() if name in _SETTINGS}
        return cls(**fields | {"workspace": Path(fields["workspace"])})

    def limits_here(self) -> Limits:
        """Return the limits. Raise `TypeError` if another version of Headway sent other fields."""
        return Limits(**self.limits)


_SETTINGS = HostSettings.__annotations__.keys()


@dataclass(frozen=True, slots=True)
class HostReady:
    """The reply to the first message."""

    machine: str
    """The name of the machine."""
    version: CodeVersion
    mirrors: frozenset[str] = frozenset()
    """The paths of the mirrors that the host already has, relative to their common folder."""
    failed: str = ""
    """The reason why the host cannot be used, or an empty string."""

    def encode(self) -> bytes:
        """Return the message as bytes."""
        return json.dumps(
            {
                "machine": self.machine,
                "version": self.version.values,
                "mirrors": sorted(self.mirrors),
                "failed": self.failed,
            }
        ).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the message in `data`."""
        read = json.loads(data)
        version = CodeVersion(tuple((str(name), str(value)) for name, value in read["version"]))
        return cls(read["machine"], version, frozenset(read["mirrors"]), read["failed"])


@dataclass(frozen=True, slots=True)
class ChunkOfJobs:
    """Repositories to fetch and walk."""

    repositories: tuple[Repository, ...]
    jobs: tuple[Job, ...]
    """The jobs of the repositories. The host sets the fields that depend on the mirrors."""


@dataclass(frozen=True, slots=True)
class ChunkResults:
    """The reply to a chunk."""

    outcomes: tuple[JobResult | NoMirror, ...]
    notes: tuple[str, ...]
    """Messages for the user."""


@dataclass(frozen=True, slots=True)
class ChunkFailed:
    """The reply to a chunk if the host failed."""

    reason: str


@dataclass(frozen=True, slots=True)
class BuildCall:
    """A call to a method of the page builder."""

    work: Callable[[Any, Any], object]
    """A method of `PageBuilder`."""
    task: object


@dataclass(frozen=True, slots=True)
class BuildAnswer:
    """The answer to a `BuildCall`."""

    result: Any = None
    error: Exception | None = None
    """The exception that the call raised, or None."""


def encode(message: object) -> bytes:
    """Return a message, or the plan of a site, as bytes."""
    return pickle.dumps(message, protocol=5)


def decode(data: bytes) -> Any:
    """Return the message in `data`, which must come from a coordinator or a host."""
    return pickle.loads(data)  # noqa: S301 - workers run our code and are authenticated by TLS
