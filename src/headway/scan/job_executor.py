"""The interface of executors, which fetch repositories and run the jobs of a scan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from headway.model.repository import Repository
from headway.scan.job import Job, JobResult

if TYPE_CHECKING:
    from headway.scan.mirror_provider import MirrorProvider, Supplies


@dataclass(frozen=True, slots=True)
class NoMirror:
    """A repository that could not be fetched."""

    repository: str
    """The key of the repository."""
    reason: str


@dataclass(frozen=True, slots=True)
class NotReached:
    """Repositories that were not read because the scan reached its time limit."""

    repositories: tuple[str, ...]
    """The keys of the repositories."""


Outcome: TypeAlias = JobResult | NoMirror | NotReached


@dataclass(frozen=True, slots=True)
class Walks:
    """The repositories that a scan must walk, most important first."""

    repositories: Sequence[Repository]
    jobs_of: Callable[[Supplies], Iterator[Job]]
    """Creates jobs for repositories with mirrors. The jobs contain data from the store. Only the
    thread that runs the scan may call it.
    """
    is_late: Callable[[], bool]
    """Returns whether the time limit of the scan has been reached."""
    mirrors: MirrorProvider
    """Provides the mirrors on this machine."""


class JobExecutor(Protocol):
    """A context manager that runs the jobs of one scan."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def run(self, walks: Walks) -> Iterator[Outcome]:
        """Fetch the repositories, run their jobs, and yield each outcome as soon as it is known.

        Every repository is part of exactly one outcome.
        """
        ...

    @property
    def status(self) -> str:
        """Describe the workers for the progress bar. Return an empty string for local workers."""
        ...
