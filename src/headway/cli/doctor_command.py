"""The command `headway doctor`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import exit_codes, invocation, session
from headway.cli.options import format_option, shared_options
from headway.cli.output import Column, Format, emit
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.forges.diagnosis import Finding
    from headway.forges.source_plugin import SourcePlugin

_COLUMNS = (
    Column("source", "source"),
    Column("check", "check"),
    Column("good", "ok"),
    Column("said", "details", flexible=True),
)
_OLDEST_GIT = (2, 39)
_MINIMUM_FREE_BYTES = 1 << 30
_GIT_TIMEOUT_SECONDS = 60


@click.command(name="doctor")
@format_option
@shared_options
def command(output_format: Format) -> None:
    """Check git, disk space, and the token, rate limits and listing of each source.

    The command lists the repositories of every source and reads the latest commit of one
    repository per source. It writes nothing.

    The exit code is 3 if a check fails.
    """
    from headway.cli.progress_bar import ProgressBar

    workspace = session.find_workspace()
    findings = [*_check_machine(workspace.settings.cache)]
    with ProgressBar() as progress:
        for source in session.open_sources(workspace, progress.waiting):
            findings += _check_source(source)
    emit(findings, _COLUMNS, output_format)
    if any(finding.good is False for finding in findings):
        raise click.exceptions.Exit(exit_codes.UNKNOWN)


def _check_machine(cache: Path) -> Iterator[Finding]:
    from headway.forges.diagnosis import Finding
    from headway.git.process import git_version, run_git

    version = run_git(["version"]).decode("ascii", "replace").strip()
    yield Finding("this machine", "git", git_version() >= _OLDEST_GIT, version)
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    yield Finding("this machine", "disk", free > _MINIMUM_FREE_BYTES, f"{free / 1e9:,.1f} GB free")


def _check_source(source: SourcePlugin) -> Iterator[Finding]:
    from headway.forges.diagnosis import Finding, listing_findings

    try:
        yield from source.diagnose()
        listing = source.list_repositories()
    except HeadwayError as error:
        yield Finding(source.id, "listing", False, str(error))
        return
    yield from listing_findings(listing)
    urls = [repository.clone_url for repository in listing.repositories if not repository.empty]
    yield from _check_git(source, urls)


def _check_git(source: SourcePlugin, urls: list[str]) -> Iterator[Finding]:
    """Check that git can read the first repository of a forge. Skip local sources."""
    from headway.forges.diagnosis import Finding
    from headway.forges.forge_errors import ForgeTrouble
    from headway.forges.source import RemoteSource
    from headway.git.fetch import Fetcher
    from headway.git.mirrors import Mirrors
    from headway.git.transport import FetchError, Remote, Transport

    if not isinstance(source, RemoteSource) or not urls:
        return
    url, wait_policy = urls[0], source.wait_policy
    wire = Transport(
        timeout=_GIT_TIMEOUT_SECONDS, allow_loopback_http=invocation.allows_loopback_http()
    )

    def wait(reason: str, seconds: float) -> None:
        wait_policy.wait(reason, wait_policy.now() + timedelta(seconds=seconds))

    try:
        remote = Remote(url, lambda: source.git_access(url), wait)
        tip = Fetcher(Mirrors(Path()), wire).remote_tip(remote)
    except (FetchError, ForgeTrouble) as error:
        yield Finding(source.id, "git", False, f"{url}: {error}")
    else:
        yield Finding(source.id, "git", True, f"{url} is at {(tip.commit or 'no commit')[:12]}")
