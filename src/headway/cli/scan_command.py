"""The `headway scan` command."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from headway.cli import exit_codes, invocation, session, workspace_store
from headway.cli.options import (
    campaigns_argument,
    check_globs,
    executor_option,
    jobs_option,
    shared_options,
)
from headway.cli.output import headway_in
from headway.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from headway.cluster.cluster_address import ClusterAddress
    from headway.metrics.scan_changes import ScanChanges
    from headway.model.audience import Audience
    from headway.model.campaign import Campaign
    from headway.model.progress_reporter import ProgressReporter
    from headway.scan.job_executor import JobExecutor
    from headway.scan.request import ScanOutcome
    from headway.store.store_reader import Store

_NAMES_SHOWN = 5
_CAMPAIGNS_SHOWN = 20
_DURATION = re.compile(r"([1-9][0-9]{0,5})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def _duration(_: click.Context, __: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    match = _DURATION.fullmatch(value)
    if match is None:
        message = f"{value!r} is not a time such as 90m (minutes) or 5h (hours)."
        raise click.BadParameter(message, param_hint="'--stop-after'")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


@click.command(name="scan")
@campaigns_argument
@click.option(
    "--repository",
    "repositories",
    metavar="GLOB",
    callback=check_globs,
    multiple=True,
    help="Scan only repositories whose name matches GLOB. May be repeated.",
)
@jobs_option(default="one per processor")
@click.option("--no-fetch", is_flag=True, help="Scan the mirrors without fetching new commits.")
@click.option(
    "--accept-shrunk-listing",
    is_flag=True,
    help="Count all missing repositories as gone, even if there are many, unless the forge still "
    "has them.",
)
@click.option(
    "--stop-after",
    metavar="TIME",
    callback=_duration,
    help="After this time, for example 5h or 90m, read no further repositories. The state of the "
    "remaining repositories is unknown, and the next scan continues with them.",
)
@executor_option
@click.option(
    "--history-audience",
    type=click.Choice(["public", "internal", "private"]),
    default="private",
    show_default=True,
    help="Who can read the history and the output of the scan, for example in a CI system. If "
    "some of these readers are not allowed to see all repositories, the scan stops before it "
    "stores anything.",
)
@shared_options
def command(
    campaigns: tuple[str, ...],
    repositories: tuple[str, ...],
    jobs: int | None,
    no_fetch: bool,
    accept_shrunk_listing: bool,
    stop_after: timedelta | None,
    executor: ClusterAddress | None,
    history_audience: Audience,
) -> None:
    """Scan the repositories and record what is found.

    A scan reads every commit since the last scan. For a new campaign, it reads every commit since
    the campaign's start date. To scan only some campaigns, name them. After each scan, Headway
    exports the history to a folder next to the store.

    The exit code is 3 if a listing was incomplete or a repository could not be read.
    """
    if executor is not None and (jobs or no_fetch):
        raise click.UsageError("--executor cannot be used with --jobs or --no-fetch.")
    opened = session.open_session()
    outcome = scan(
        opened,
        campaigns,
        repositories,
        jobs or os.cpu_count() or 1,
        fetch=not no_fetch,
        accept_shrunk_listing=accept_shrunk_listing,
        stop_after=stop_after,
        history_audience=history_audience,
        cluster=executor,
    )
    run = headway_in(opened.workspace.root)
    click.echo(
        f"\nNext:\n  {run} status   # progress and forecast\n  {run} report   # build the pages",
        err=True,
    )
    if not outcome.complete:
        raise click.exceptions.Exit(exit_codes.UNKNOWN)


# This function has more than 50 lines because it fills every field of the request.
def scan(
    opened: session.Session,
    campaigns: tuple[str, ...] = (),
    repositories: tuple[str, ...] = (),
    jobs: int = 1,
    *,
    fetch: bool = True,
    accept_shrunk_listing: bool = False,
    stop_after: timedelta | None = None,
    history_audience: Audience = "private",
    cluster: ClusterAddress | None = None,
) -> ScanOutcome:
    """Run a scan, print a summary and export the history.

    Args:
        opened: The workspace and its campaigns.
        campaigns: The IDs of the campaigns to scan. An empty tuple means all campaigns.
        repositories: Patterns for repository names. An empty tuple means all repositories.
        jobs: The number of worker processes.
        fetch: Whether to fetch new commits into the mirrors.
        accept_shrunk_listing: Whether to accept that all missing repositories are gone.
        stop_after: The time after which no further repository is read. None means no limit.
        history_audience: The people who can read the history. If some of them are not allowed to
            see all repositories, the scan stores nothing.
        cluster: The cluster that reads the repositories; None means this machine.
    """
    from headway.cli.progress_bar import ProgressBar
    from headway.scan.absences import AbsenceRules
    from headway.scan.request import ScanRequest
    from headway.scan.run import run_scan
    from headway.store.background_export import exported_meanwhile
    from headway.store.match_cache import MatchCache
    from headway.store.store_reader import open_store
    from headway.store.transfer import copy_of

    workspace = opened.workspace
    chosen = opened.campaigns(campaigns)
    # Hold the lock until the export is written, so that no other scan can change the store.
    with workspace_store.writing(workspace) as store, store.locked() as lock:
        if store.is_new:
            address = workspace.settings.remote_store
            click.echo(f"there is no history at {address} yet, so this scan begins one", err=True)
        with ProgressBar() as progress:
            request = ScanRequest(
                campaigns=chosen,
                scanners=opened.scanners,
                scanner_folders=workspace.scanners,
                workspace=workspace.root,
                sources=session.open_sources(workspace, progress.waiting),
                store=store.path,
                lock=lock,
                mirrors=workspace.settings.mirrors,
                today=opened.today,
                teams=opened.teams,
                clock=invocation.now,
                broken=opened.loaded.broken,
                workers=jobs,
                repositories=repositories,
                absences=AbsenceRules(
                    workspace.settings.gone_after_days,
                    workspace.settings.max_missing_share,
                    accept_all=accept_shrunk_listing,
                ),
                history_audience=history_audience,
                fetch=fetch,
                stop_at=invocation.now() + stop_after if stop_after else None,
                mirror_budget=workspace.settings.mirror_budget,
                match_cache=MatchCache.in_folder(
                    workspace.settings.matches, workspace.settings.mirror_budget
                ),
                limits=workspace.settings.limits,
                allow_loopback_http=invocation.allows_loopback_http(),
                progress=progress,
                executor=_executor(opened, cluster, progress, stop_after) if cluster else None,
            )
            outcome = run_scan(request)
        _print_summary(outcome)
        store.save()
        with (
            open_store(store.path, writes_files=True) as history,
            # The export allows the user to restore a damaged store.
            exported_meanwhile(history, store.path, copy_of(store.path)),
        ):
            _print_warnings(opened, history, chosen)
            _print_changes(history, chosen, opened.today)
        store.save_export()
    return outcome


def _executor(
    opened: session.Session,
    cluster: ClusterAddress,
    progress: ProgressReporter,
    stop_after: timedelta | None,
) -> JobExecutor:
    from headway.cluster.cluster_executor import ClusterExecutor
    from headway.cluster.code_version import code_version
    from headway.cluster.dask_cluster import DaskCluster

    return ClusterExecutor(
        DaskCluster(cluster),
        code_version(opened.workspace, opened.scanners),
        opened.workspace.root,
        opened.workspace.settings.limits,
        progress,
        has_time_limit=stop_after is not None,
        allow_loopback_http=invocation.allows_loopback_http(),
    )


def _print_warnings(opened: session.Session, store: Store, campaigns: Sequence[Campaign]) -> None:
    """Warn about unsearched files, exemptions, and definitions that match nothing.

    `validate` and `try` also warn about path patterns that match no file.
    """
    from headway.cli.unmatched_warnings import print_unmatched

    workspace = opened.workspace
    _print_binary_files(store, campaigns)
    _print_exemption_warnings(store, campaigns, opened.today)
    print_unmatched(workspace, store, opened.scanners, campaigns, opened.teams, paths=False)


def _print_changes(store: Store, campaigns: Sequence[Campaign], today: date) -> None:
    """Print the open items of each campaign, and the changes since the previous scan."""
    from headway.metrics.scan_changes import scan_changes

    changes = scan_changes(store, campaigns, today)
    for change in changes[:_CAMPAIGNS_SHOWN]:
        click.echo(_change_line(change), err=True)
    if len(changes) > _CAMPAIGNS_SHOWN:
        from headway.wording.formats import plural

        more = plural(len(changes) - _CAMPAIGNS_SHOWN, "more campaign")
        click.echo(f"and {more}", err=True)


def _change_line(change: ScanChanges) -> str:
    from headway.wording.formats import plural, signed
    from headway.wording.movements import movements

    moves = change.moves
    line = f"{printable(change.campaign)}: {moves.open:,} open"
    if change.open_repositories:
        line += f" in {plural(change.open_repositories, 'repository', 'repositories')}"
    if change.first:
        since = change.since + timedelta(days=1)
        # As in `status`, an item that was fixed and has regressed does not count as fixed.
        return f"{line}, {moves.fixed - moves.regressed:,} fixed since {since}"
    if not moves.activity:
        return f"{line}, no changes since {change.since}"
    difference = f"{signed(moves.change)} " if moves.change else "no net change "
    return f"{line}, {difference}since {change.since}: {movements(moves).plain}"


def _print_binary_files(store: Store, campaigns: Sequence[Campaign]) -> None:
    """Print the number of files that were not searched because they are binary."""
    from headway.metrics.unsearched_files import binary_files_by_rule

    counts = binary_files_by_rule(store, campaigns)
    if counts:
        shown = ", ".join(f"{rule}: {count:,}" for rule, count in counts[:_NAMES_SHOWN])
        if len(counts) > _NAMES_SHOWN:
            from headway.wording.formats import plural

            shown += f" and {plural(len(counts) - _NAMES_SHOWN, 'more rule')}"
        click.echo(
            f"binary files that rules select but do not search: {shown}; "
            "`headway status --by repository --format json` shows the number per repository",
            err=True,
        )


def _print_exemption_warnings(store: Store, campaigns: Sequence[Campaign], today: date) -> None:
    if any(campaign.exemptions for campaign in campaigns):
        from headway.cli.exemptions_command import print_warnings
        from headway.metrics.exemption_rows import exemptions

        print_warnings(exemptions(store, campaigns, today=today))


def _print_summary(outcome: ScanOutcome) -> None:
    scanned = outcome.repositories - outcome.unchanged
    noun = "repository" if outcome.repositories == 1 else "repositories"
    click.echo(
        f"{outcome.repositories:,} {noun} in scope: "
        f"{scanned:,} read "
        f"({outcome.commits:,} commits, {outcome.blobs:,} file versions), "
        f"{outcome.unchanged:,} unchanged",
        err=True,
    )
    if outcome.unknown:
        names = sorted({part.repository for part in outcome.unknown})
        shown = ", ".join(names[:_NAMES_SHOWN])
        if len(names) > _NAMES_SHOWN:
            shown += f" and {len(names) - _NAMES_SHOWN} more"
        click.echo(
            f"unknown: {shown}; run `headway status --by repository` for the reasons", err=True
        )
