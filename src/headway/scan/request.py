"""The request and the outcome of a scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from headway.errors import HeadwayError
from headway.forges.source import Source
from headway.model.audience import Audience
from headway.model.campaign import Campaign
from headway.model.limits import DEFAULT_LIMITS, Limits
from headway.model.progress_reporter import ProgressReporter, SilentReporter
from headway.plugins import ScannerFiles, Scanners
from headway.progress.path_owners import Team
from headway.scan.absences import DEFAULT_RULES, AbsenceRules
from headway.scan.job_executor import JobExecutor
from headway.store.lock import WriteLock
from headway.store.match_cache import MatchCache


class NothingListedError(HeadwayError):
    """No source lists any repository, and no earlier scan listed one."""

    def __init__(self, sources: Sequence[Source]) -> None:
        if sources:
            names = ", ".join(source.id for source in sources)
            sentence = (
                f"no git repositories were found in {names}; correct the sources in headway.toml."
            )
        else:
            sentence = "headway.toml defines no sources of repositories; add a [[sources]] table."
        super().__init__(sentence)


class NoMatchingRepositoryError(HeadwayError):
    """No repository in the listings matches the patterns of `--repository`."""

    def __init__(self, globs: Sequence[str]) -> None:
        super().__init__(
            f"no listed repository matches {' or '.join(globs)}; "
            "`headway repositories` lists the repositories."
        )


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """The inputs and settings of one scan."""

    campaigns: tuple[Campaign, ...]
    scanners: Scanners
    scanner_folders: tuple[Path, ...]
    sources: tuple[Source, ...]
    store: Path
    """The database file."""
    mirrors: Path
    """The folder with all mirrors."""
    today: date
    """The date that the scan uses as today. Commits that landed later are ignored."""
    clock: Callable[[], datetime]
    """Returns the current time."""
    workspace: Path = Path()
    """The folder of headway.toml."""
    teams: tuple[Team, ...] = ()
    broken: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Maps (campaign ID, rule ID) to the reason why the rule cannot be scanned."""
    workers: int = 1
    """The number of processes that read repositories."""
    repositories: tuple[str, ...] = ()
    """Patterns for the names of the repositories to scan. An empty tuple means all repositories."""
    absences: AbsenceRules = DEFAULT_RULES
    """The settings that determine when a missing repository counts as gone."""
    history_audience: Audience = "private"
    """The people who can read the history. The scan stores nothing if they are not allowed to see
    all repositories.
    """
    fetch: bool = True
    """Whether to update mirrors from their forges before reading them."""
    fetching_processes: int = 1
    """The number of processes on all machines that fetch repositories at the same time."""
    stop_at: datetime | None = None
    """The time after which no further repository is fetched or read. None means no limit."""
    mirror_budget: int | None = None
    """The maximum size of all mirrors after the scan, in bytes. None means no limit."""
    allow_loopback_http: bool = False
    """Whether plain HTTP to forges on this machine is allowed. Only tests allow it."""
    match_cache: MatchCache | None = None
    """The matches that rules found in earlier scans. None means that all contents are searched."""
    limits: Limits = DEFAULT_LIMITS
    executor: JobExecutor | None = None
    """Runs the jobs of the scan. None means that processes on this machine run them."""
    lock: WriteLock | None = None
    """The store's write lock, if the caller holds it. None means that the scan must acquire it."""
    progress: ProgressReporter = SilentReporter()  # noqa: RUF009 - has no state

    @property
    def scanner_files(self) -> ScannerFiles:
        """The scanners that workers load."""
        return ScannerFiles(self.scanner_folders, self.scanners.not_imported)


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A repository whose state in a campaign is unknown."""

    campaign: str
    repository: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """The result of a scan, including everything that it could not see."""

    today: date
    """The date that the scan used as today."""
    repositories: int
    """The number of repositories in the scope of at least one campaign."""
    unchanged: int
    """The number of these repositories that did not need to be read."""
    commits: int
    blobs: int
    unknown: tuple[UnknownPart, ...]
    problems: tuple[str, ...]
    """The reasons why listings are incomplete, one sentence each."""

    @property
    def complete(self) -> bool:
        """Return whether the scan could list and read everything."""
        return not self.unknown and not self.problems
