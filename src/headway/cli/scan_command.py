"""`headway scan`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from headway.cli import session
from headway.cli.application import UNKNOWN_EXIT, shared_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from headway.model.campaign import Campaign
    from headway.scan.request import ScanOutcome


@click.command(name="scan")
@click.argument("campaigns", nargs=-1)
@click.option(
    "--repository",
    "repositories",
    metavar="GLOB",
    multiple=True,
    help="Read only repositories whose name matches; may be given again.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    help="How many processes read at a time (default: one for each processor).",
)
@click.option("--no-fetch", is_flag=True, help="Read the mirrors as they are.")
@click.option(
    "--accept-shrunk-listing",
    is_flag=True,
    help="Believe a listing although most repositories are missing from it.",
)
@shared_options
def command(
    campaigns: tuple[str, ...],
    repositories: tuple[str, ...],
    jobs: int | None,
    no_fetch: bool,
    accept_shrunk_listing: bool,
) -> None:
    """Read the repositories, and keep what is found.

    Walks every commit since the last scan, or since the day at which a campaign starts. With
    CAMPAIGNS, only those. Keeps a copy of the history beside the store, as plain files. Exits
    with 3 when something could not be seen.
    """
    outcome = scan(
        session.open_session(),
        campaigns,
        repositories,
        jobs or os.cpu_count() or 1,
        fetch=not no_fetch,
        accept_shrunk_listing=accept_shrunk_listing,
    )
    if not outcome.complete:
        raise click.exceptions.Exit(UNKNOWN_EXIT)


def scan(
    opened: session.Session,
    campaigns: tuple[str, ...] = (),
    repositories: tuple[str, ...] = (),
    jobs: int = 1,
    *,
    fetch: bool = True,
    accept_shrunk_listing: bool = False,
) -> ScanOutcome:
    """Scans and says what came of it."""
    from headway.cli.progress_bar import ProgressBar
    from headway.scan.request import ScanRequest
    from headway.scan.run import run_scan
    from headway.store.lock import WriteLock
    from headway.store.transfer import copy_of, export_history

    workspace = opened.workspace
    chosen = opened.campaigns(campaigns)
    store = workspace.settings.store
    # until the copy is there: another scan would not let us read what we have just written
    with WriteLock(store, session.now()) as lock:
        with ProgressBar() as progress:
            outcome = run_scan(
                ScanRequest(
                    campaigns=chosen,
                    scanners=opened.scanners,
                    scanner_folders=workspace.scanners,
                    sources=session.sources(workspace, progress.waiting),
                    store=store,
                    lock=lock,
                    mirrors=workspace.settings.mirrors,
                    today=opened.today,
                    teams=opened.teams,
                    clock=session.now,
                    broken=opened.loaded.broken,
                    workers=jobs,
                    repositories=repositories,
                    accept_shrunk_listing=accept_shrunk_listing,
                    fetch=fetch,
                    mirror_budget=workspace.settings.mirror_budget,
                    limits=workspace.settings.limits,
                    allow_loopback_http=session.allows_loopback_http(),
                    progress=progress,
                )
            )
        _summarise(outcome)
        if any(campaign.exemptions for campaign in chosen):
            _warn_of_exemptions(store, chosen, opened.today)
        # a disk may damage the store itself: plain files beside it are what it is made anew from
        export_history(store, copy_of(store))
    return outcome


def _warn_of_exemptions(store: Path, campaigns: Sequence[Campaign], today: date) -> None:
    from headway.cli.exemptions_command import warn
    from headway.metrics.exemption_rows import exemptions
    from headway.store.store_reader import open_store

    with open_store(store) as reader:
        warn(exemptions(reader, campaigns, today=today))


def _summarise(outcome: ScanOutcome) -> None:
    walked = outcome.repositories - outcome.unchanged
    noun = "repository" if outcome.repositories == 1 else "repositories"
    click.echo(
        f"{outcome.repositories:,} {noun} in scope: "
        f"{walked:,} read "
        f"({outcome.commits:,} commits, {outcome.blobs:,} file versions), "
        f"{outcome.unchanged:,} unchanged",
        err=True,
    )
    if outcome.unknown:
        names = sorted({part.repository for part in outcome.unknown})
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        click.echo(f"unknown: {shown}; `headway status --by repository` says why", err=True)
