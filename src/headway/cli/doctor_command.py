"""The `headway doctor` command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import exit_codes, invocation, session, workspace_store
from headway.cli.options import format_option, shared_options
from headway.cli.output import Column, Format, emit
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.cli.progress_bar import ProgressBar
    from headway.cli.session import Session
    from headway.config.workspace import ConfiguredSource, Settings, Workspace
    from headway.forges.diagnosis import Finding
    from headway.forges.source_plugin import SourcePlugin
    from headway.model.audience import Audience
    from headway.model.campaign import Scope
    from headway.model.repository import Repository

_COLUMNS = (
    Column("source", "source"),
    Column("check", "check"),
    Column("good", "ok"),
    Column("said", "details", fit="wrap"),
)
_OLDEST_GIT = (2, 39)
_MINIMUM_FREE_BYTES = 1 << 30
_GIT_TIMEOUT_SECONDS = 60


@click.command(name="doctor")
@click.option(
    "--audience",
    type=click.Choice(["public", "internal", "private"]),
    default="internal",
    show_default=True,
    help="Who will read the pages; `report` has the same option.",
)
@format_option
@shared_options
def command(audience: Audience, output_format: Format) -> None:
    """Check everything that the first scan relies on.

    The command lists the repositories of every source and reads the latest commit of each
    repository in the scope of a campaign. It checks the tokens and their expiry dates, rate limits,
    the clock, the disk space that the first scan needs, the programs that rules run, and whether
    pages for the audience would show code to people who are not allowed to see it. It writes
    nothing.

    The exit code is 3 if a check fails.
    """
    from headway.cli.progress_bar import ProgressBar
    from headway.forges.diagnosis import Finding

    workspace = session.find_workspace()
    findings = [*_check_machine(workspace.settings.cache)]
    findings += _check_store(workspace)
    scopes, needed = [], _DiskNeeds()
    try:
        opened = session.open_session()
        scopes = [campaign.scope for campaign in opened.loaded.campaigns]
        findings += _check_programs(opened)
    except HeadwayError as error:
        findings.append(_campaign_finding(error))
    with ProgressBar() as progress:
        for table in workspace.settings.sources:
            source = _open(workspace, table, progress)
            if not isinstance(source, Finding):
                check = _SourceCheck(source, workspace.settings, scopes, audience, progress, needed)
                findings += check.run()
            else:
                findings.append(source)
    findings += needed.check(workspace.settings)
    emit(findings, _COLUMNS, output_format)
    if any(finding.good is False for finding in findings):
        raise click.exceptions.Exit(exit_codes.UNKNOWN)


def _open(
    workspace: Workspace, table: ConfiguredSource, progress: ProgressBar
) -> SourcePlugin | Finding:
    """Create the source for one `[[sources]]` table, or return the reason why it cannot be used."""
    from headway.forges.diagnosis import Finding

    settings = replace(workspace.settings, sources=(table,))
    try:
        (source,) = session.open_sources(replace(workspace, settings=settings), progress.waiting)
    except HeadwayError as error:
        return Finding(table.type, "settings", False, str(error))
    return source


def _check_machine(cache: Path) -> Iterator[Finding]:
    from headway.forges.diagnosis import Finding
    from headway.git.process import git_version, run_git

    version = run_git(["version"]).decode("ascii", "replace").strip()
    yield Finding("this machine", "git", git_version() >= _OLDEST_GIT, version)
    free = _free_bytes(cache)
    yield Finding("this machine", "disk", free > _MINIMUM_FREE_BYTES, f"{free / 1e9:,.1f} GB free")


def _check_store(workspace: Workspace) -> Iterator[Finding]:
    """Check that object storage can be accessed, and that all rows of the store are consistent."""
    from headway.forges.diagnosis import Finding
    from headway.store.database import StoreMissingError
    from headway.store.store_check import problems_of_store

    remote = workspace.settings.remote_store
    try:
        with workspace_store.reading(workspace) as store:
            if remote:
                yield Finding("this machine", "storage", True, f"{remote} can be read")
            if store.exists():
                problems = problems_of_store(store)
                said = "; ".join(problems) or "consistent"
                yield Finding("this machine", "store", not problems, said)
    except StoreMissingError:
        yield Finding("this machine", "storage", True, f"there is no history at {remote} yet")
    except HeadwayError as error:
        yield Finding("this machine", "storage", False, str(error))


def _check_programs(opened: Session) -> Iterator[Finding]:
    """Check that the programs of all rules can be used on this machine."""
    from headway.external_program import network_can_be_blocked
    from headway.forges.diagnosis import Finding
    from headway.plugins import text_of
    from headway.printable import printable

    needs_programs = False
    for campaign in opened.loaded.campaigns:
        for rule in campaign.rules:
            scanner = opened.scanners.get(rule.scanner)
            if scanner is None or not scanner.starts_programs:
                continue
            needs_programs = True
            check = f"rule {campaign.id}: {rule.id}"
            try:
                scanner.check_machine(scanner.Options(**rule.options))
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                said = text_of(error).removeprefix(f"{type(error).__name__}: ")
                yield Finding("this machine", check, False, printable(said))
            else:
                yield Finding("this machine", check, True, f"{rule.scanner} can run")
    if needs_programs:
        blocked = network_can_be_blocked()
        said = (
            "the programs that rules run have no network access"
            if blocked
            else "the programs that rules run can use the network; to prevent this, allow user "
            "namespaces or install bubblewrap"
        )
        yield Finding("this machine", "programs", blocked or None, said)


def _free_bytes(cache: Path) -> int:
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    return shutil.disk_usage(existing).free


def _campaign_finding(error: HeadwayError) -> Finding:
    from headway.config.problems import DefinitionError
    from headway.forges.diagnosis import Finding

    problem = "not valid (`headway validate` shows the errors), so all repositories are checked"
    said = problem if isinstance(error, DefinitionError) else str(error)
    return Finding("this machine", "campaigns", False, said)


@dataclass(slots=True)
class _DiskNeeds:
    """The total disk space that the mirrors of all sources need."""

    sizes: dict[str, int] = field(default_factory=dict)
    """The repository sizes that the forges report, in bytes, by repository key."""
    new: set[str] = field(default_factory=set)
    """The keys of the repositories without a mirror."""
    has_forge: bool = False
    """Whether any source reports repository sizes."""

    def check(self, settings: Settings) -> Iterator[Finding]:
        """Check that the mirrors fit on the disk and into the cache."""
        from headway.forges.diagnosis import disk_finding

        if self.has_forge:
            free, budget = _free_bytes(settings.cache), settings.mirror_budget
            yield disk_finding("this machine", self.sizes, self.new, free=free, budget=budget)


@dataclass(frozen=True, slots=True)
class _SourceCheck:
    source: SourcePlugin
    settings: Settings
    scopes: Sequence[Scope]
    """The scopes of the campaigns. An empty sequence includes all repositories."""
    audience: Audience
    progress: ProgressBar
    needed: _DiskNeeds

    def run(self) -> Iterator[Finding]:
        """Yield the findings on one source."""
        from headway.forges.diagnosis import Finding, listing_findings

        source = self.source
        try:
            yield from source.diagnose()
            listing = source.list_repositories()
        except HeadwayError as error:
            yield Finding(source.id, "listing", False, str(error))
            return
        yield from listing_findings(listing)
        repositories = [entry for entry in listing.repositories if self._is_scanned(entry)]
        yield from self._check_git(repositories)
        try:
            self._add_sizes(repositories)
            yield self._check_audience(repositories)
        except HeadwayError as error:
            yield Finding(source.id, "other checks", False, str(error))

    def _is_scanned(self, repository: Repository) -> bool:
        from headway.model.scope import reason_outside

        if repository.empty or repository.disabled:
            return False
        return not self.scopes or any(
            reason_outside(scope, repository) is None for scope in self.scopes
        )

    def _check_git(self, repositories: Sequence[Repository]) -> Iterator[Finding]:
        """Check that git can read each repository of a forge. Skip local sources."""
        from headway.forges.diagnosis import git_finding
        from headway.forges.source import RemoteSource
        from headway.git.transport import Transport
        from headway.scan.git_access_check import check_git_access

        source = self.source
        if not isinstance(source, RemoteSource) or not repositories:
            return
        transport = Transport(
            timeout=_GIT_TIMEOUT_SECONDS, allow_loopback_http=invocation.allows_loopback_http()
        )
        self.progress.stage(f"{source.id}: reading with git", len(repositories))
        check = check_git_access(source, repositories, transport, self.progress.advance)
        yield git_finding(source.id, check.readable, check.reasons, check.skipped)

    def _add_sizes(self, repositories: Sequence[Repository]) -> None:
        from headway.forges.source import SizedSource
        from headway.git.mirrors import Mirrors

        if not isinstance(self.source, SizedSource):
            return
        mirrors = Mirrors(self.settings.mirrors)
        new = {entry.key for entry in repositories if mirrors.tip(entry.key) is None}
        self.needed.has_forge = True
        self.needed.new |= new
        if new:
            self.needed.sizes |= self.source.repository_sizes()

    def _check_audience(self, repositories: Sequence[Repository]) -> Finding:
        from headway.forges.diagnosis import audience_finding
        from headway.forges.source import PublishingSource

        source = self.source
        public = None
        if isinstance(source, PublishingSource):
            public = source.site_is_public(os.environ)
        return audience_finding(source.id, repositories, self.audience, public)
