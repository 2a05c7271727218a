"""The `headway try` command."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import exit_codes, invocation, session
from headway.cli.options import (
    campaign_argument,
    check_globs,
    format_option,
    jobs_option,
    shared_options,
)
from headway.cli.output import Format

if TYPE_CHECKING:
    from headway.config.load import LoadedCampaigns
    from headway.config.workspace import Workspace
    from headway.model.campaign import Campaign
    from headway.model.tip_findings import Trial
    from headway.plugins import Scanners
    from headway.scan.request import ScanRequest


# This function has more than 50 lines because its docstring is the help text of the command.
@click.command(name="try")
@campaign_argument
@click.option(
    "--repository",
    "repositories",
    metavar="GLOB",
    callback=check_globs,
    multiple=True,
    help="Search only repositories whose name matches GLOB; the option may be repeated.",
)
@click.option("--rule", metavar="ID", help="Try only this rule.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Maximum number of matches to show for each repository and role.",
)
@click.option(
    "--history",
    is_flag=True,
    help="Read the whole history of one repository, and show how many items were opened and fixed "
    "in each month. If several repositories are in scope, select one with `--repository`.",
)
@click.option(
    "--fetch/--no-fetch",
    default=False,
    show_default=True,
    help="Whether to list the repositories of forges again and fetch missing files.",
)
@jobs_option(default="one per processor")
@format_option
@shared_options
def command(
    campaign: str,
    repositories: tuple[str, ...],
    rule: str | None,
    limit: int,
    history: bool,
    fetch: bool,
    jobs: int | None,
    output_format: Format,
) -> None:
    """Run a campaign on the latest commits of its repositories, to see what its rules find.

    CAMPAIGN is the ID of a campaign in the workspace or in the catalogue, or the path of a
    campaign file, such as a draft. The command does not change the recorded history, and also
    works before the first scan.

    \b
    found in  number of repositories in which the rule has matches
    files     number of files that the `paths` of the rule select, without vendored
              and generated code
    binary    number of these files that are not searched because they are binary
    excluded  number of files that are omitted only because they are vendored or
              generated
    unknown   number of repositories that the rule could not search completely
    time      processor time of the scanner (elapsed time of a repository scanner)

    Warnings name each rule, path pattern, scope, milestone and exemption that matches nothing.

    The exit code is 3 if a repository or a file could not be searched.
    """
    from headway.cli.trial_campaign import find_campaign, only_rule
    from headway.plugins import load_scanners

    workspace = session.find_workspace()
    scanners = load_scanners(workspace.scanners)
    loaded = find_campaign(campaign, workspace, scanners)
    chosen = only_rule(loaded.campaigns[0], rule)
    counted = {entry.id for entry in loaded.campaigns[0].counted}
    if history and rule is not None and rule not in counted:
        role = chosen.rule(rule).role
        raise click.UsageError(
            f"--history shows only rules that find items, but `{rule}` belongs to `{role}`"
        )
    with tempfile.TemporaryDirectory(prefix="headway-try-") as scratch:
        request = replace(
            _request(workspace, scanners, loaded, Path(scratch)),
            campaigns=(chosen,),
            repositories=repositories,
            workers=jobs or os.cpu_count() or 1,
            fetch=fetch,
        )
        if history:
            is_complete = _show_history(workspace, request, output_format)
        else:
            whole = loaded.campaigns[0]
            is_complete = _show_matches(workspace, whole, request, limit, output_format)
    if not is_complete:
        raise click.exceptions.Exit(exit_codes.UNKNOWN)


def _request(
    workspace: Workspace, scanners: Scanners, loaded: LoadedCampaigns, scratch: Path
) -> ScanRequest:
    """Return a request that lists no repositories yet.

    Args:
        workspace: The workspace.
        scanners: The scanners of the workspace.
        loaded: The campaign.
        scratch: An empty folder for the store of `--history` and for the mirrors of local
            repositories.
    """
    from headway.scan.request import ScanRequest

    return ScanRequest(
        campaigns=loaded.campaigns,
        scanners=scanners,
        scanner_folders=workspace.scanners,
        workspace=workspace.root,
        sources=(),
        store=scratch / "headway.duckdb",
        mirrors=workspace.settings.mirrors,
        today=invocation.today(),
        clock=invocation.now,
        broken=loaded.broken,
        limits=workspace.settings.limits,
        allow_loopback_http=invocation.allows_loopback_http(),
    )


def _show_matches(
    workspace: Workspace, whole: Campaign, request: ScanRequest, limit: int, output_format: Format
) -> bool:
    """Search the tips and print the matches. Return whether everything was searched.

    Args:
        workspace: The workspace.
        whole: The campaign with all its rules. The request contains only the rules to try.
        request: The request to search with.
        limit: The maximum number of matches to show for each repository and role.
        output_format: The output format.
    """
    from headway.cli.progress_bar import ProgressBar
    from headway.cli.trial_report import print_trial
    from headway.cli.trial_sources import trial_sources
    from headway.metrics.trial_rows import trial_rows
    from headway.scan.trial import try_campaign

    with ProgressBar() as progress:
        sources = trial_sources(workspace, progress.waiting, fetch=request.fetch)
        trial = try_campaign(
            replace(request, sources=sources, progress=progress), _local_mirrors(request)
        )
    (campaign,) = request.campaigns
    rows = trial_rows(campaign, trial, today=request.today, limit=limit, counted=whole.counted)
    print_trial(campaign, trial, rows, output_format, lacks=not whole.deprecated)
    rule = campaign.rules[0].id if len(campaign.counted) != len(whole.counted) else None
    _print_warnings(workspace, whole, trial, request, rule)
    return trial.is_complete


def _show_history(workspace: Workspace, request: ScanRequest, output_format: Format) -> bool:
    """Scan and print the history of one repository. Return whether all of it is known."""
    from headway.cli.history_table import print_history
    from headway.cli.progress_bar import ProgressBar
    from headway.cli.trial_sources import trial_sources
    from headway.scan.trial_history import scan_history

    with ProgressBar() as progress:
        sources = trial_sources(workspace, progress.waiting, fetch=request.fetch)
        repository, outcome = scan_history(
            replace(request, sources=sources, progress=progress), _local_mirrors(request)
        )
    print_history(request, repository, outcome, output_format)
    return outcome.complete


def _local_mirrors(request: ScanRequest) -> Path:
    """Return the temporary folder for the mirrors of local repositories."""
    return request.store.with_name("mirrors")


def _print_warnings(
    workspace: Workspace, campaign: Campaign, trial: Trial, request: ScanRequest, rule: str | None
) -> None:
    """Warn about parts of a campaign that match nothing."""
    from headway.cli.unmatched_warnings import print_unmatched_at_tips

    is_listed = not (trial.unlisted or trial.problems)
    is_searched = is_listed and not trial.unsearched
    if not is_searched:
        parts = "rules, path patterns and exemptions" if is_listed else "parts of the campaign"
        verb = "searched" if is_listed else "listed"
        click.echo(
            f"Headway cannot tell which {parts} match nothing, because not all repositories could "
            f"be {verb}",
            err=True,
        )
    if not is_listed:
        return
    print_unmatched_at_tips(
        workspace,
        campaign,
        trial,
        today=request.today,
        rule=rule,
        everywhere=is_searched and not request.repositories,
    )
