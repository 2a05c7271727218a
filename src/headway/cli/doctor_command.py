"""`headway doctor`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import session
from headway.cli.application import UNKNOWN_EXIT, shared_options
from headway.cli.output import Column, Format, emit, format_option
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.forges.diagnosis import Finding
    from headway.forges.source_plugin import SourcePlugin

_COLUMNS = (
    Column("source", "source"),
    Column("check", "check"),
    Column("good", "good"),
    Column("said", "what it says", flexible=True),
)
_OLDEST_GIT = (2, 39)
_LITTLE_SPACE = 1 << 30


@click.command(name="doctor")
@format_option
@shared_options
def command(output_format: Format) -> None:
    """Check what a scan relies on: git, disk, and each source's token, limits and listing.

    Lists every source and asks git for one repository of each; writes nothing. Exits with 3 when
    something is not good.
    """
    from headway.cli.progress_bar import ProgressBar

    workspace = session.find()
    findings = [*_machine(workspace.settings.cache)]
    with ProgressBar() as progress:
        for source in session.sources(workspace, progress.waiting):
            findings += _source(source)
    emit(findings, _COLUMNS, output_format)
    if any(finding.good is False for finding in findings):
        raise click.exceptions.Exit(UNKNOWN_EXIT)


def _machine(cache: Path) -> Iterator[Finding]:
    from headway.forges.diagnosis import Finding
    from headway.git.process import git_version, run_git

    said = run_git(["version"]).decode("ascii", "replace").strip()
    yield Finding("this machine", "git", git_version() >= _OLDEST_GIT, said)
    place = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    yield Finding("this machine", "disk", free > _LITTLE_SPACE, f"{free / 10**9:,.1f} GB free")


def _source(source: SourcePlugin) -> Iterator[Finding]:
    from headway.forges.diagnosis import Finding, listing_findings

    try:
        yield from source.diagnose()
        listing = source.list_repositories()
    except HeadwayError as error:
        yield Finding(source.id, "listing", False, str(error))
        return
    yield from listing_findings(listing)
    yield from _git(source, [it.clone_url for it in listing.repositories if not it.empty])


def _git(source: SourcePlugin, urls: list[str]) -> Iterator[Finding]:
    from headway.forges.diagnosis import Finding
    from headway.forges.forge_errors import ForgeTrouble
    from headway.forges.source import RemoteSource
    from headway.git.fetch import Fetcher
    from headway.git.mirrors import Mirrors
    from headway.git.transport import FetchError, Remote, Wire

    if not isinstance(source, RemoteSource) or not urls:
        return
    url, wait_policy = urls[0], source.wait_policy
    wire = Wire(timeout=60, allow_loopback_http=session.allows_loopback_http())

    def wait(reason: str, seconds: float) -> None:
        wait_policy.wait(reason, wait_policy.now() + timedelta(seconds=seconds))

    try:
        remote = Remote(url, lambda: source.git_access(url), wait)
        tip = Fetcher(Mirrors(Path()), wire).remote_tip(remote)
    except (FetchError, ForgeTrouble) as error:
        yield Finding(source.id, "git", False, f"{url}: {error}")
    else:
        yield Finding(source.id, "git", True, f"{url} is at {(tip.commit or 'no commit')[:12]}")
