"""What a scan is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from headway.errors import HeadwayError
from headway.forges.source import Source
from headway.model.campaign import Campaign
from headway.model.limits import DEFAULT_LIMITS, Limits
from headway.model.progress_reporter import ProgressReporter, SilentReporter
from headway.plugins import Scanners
from headway.progress.path_owners import Team
from headway.store.lock import WriteLock


class NothingListedError(HeadwayError):
    """The sources hold no repository, and never did."""

    def __init__(self, sources: Sequence[Source]) -> None:
        if sources:
            named = ", ".join(source.id for source in sources)
            sentence = (
                f"there is no git repository in {named}; correct the sources in headway.toml."
            )
        else:
            sentence = "headway.toml names no source of repositories; add a [[sources]] table."
        super().__init__(sentence)


class NoMatchingRepositoryError(HeadwayError):
    """The patterns of `--repository` match no repository that the sources list."""

    def __init__(self, globs: Sequence[str]) -> None:
        super().__init__(
            f"no listed repository matches {' or '.join(globs)}; `headway repositories` lists them."
        )


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan, and how.

    campaigns: those to scan. broken: (campaign, rule) to why the rule cannot be carried out.
    today: the day that everything counts to. clock: the time, for the scan log. repositories:
    patterns over names; empty means all. mirrors: folder of the mirrors. fetch: False reads the
    mirrors as they are. mirror_budget: bytes that mirrors may take up after the scan; None is
    without end. lock: on the store, when the caller holds it; None takes it for the scan alone.
    """

    campaigns: tuple[Campaign, ...]
    scanners: Scanners
    scanner_folders: tuple[Path, ...]
    sources: tuple[Source, ...]
    store: Path
    mirrors: Path
    today: date
    clock: Callable[[], datetime]
    teams: tuple[Team, ...] = ()
    broken: Mapping[tuple[str, str], str] = field(default_factory=dict)
    workers: int = 1
    repositories: tuple[str, ...] = ()
    accept_shrunk_listing: bool = False
    fetch: bool = True
    mirror_budget: int | None = None
    allow_loopback_http: bool = False
    limits: Limits = DEFAULT_LIMITS
    lock: WriteLock | None = None
    progress: ProgressReporter = SilentReporter()  # noqa: RUF009 - has no state


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """One repository that one campaign can say nothing certain of."""

    campaign: str
    repository: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """repositories: in scope of any campaign. unchanged: those of them where nothing was to be
    done. problems: why listings are incomplete. today: the day it counts to.
    """

    today: date
    repositories: int
    unchanged: int
    commits: int
    blobs: int
    unknown: tuple[UnknownPart, ...]
    problems: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether everything could be seen."""
        return not self.unknown and not self.problems
