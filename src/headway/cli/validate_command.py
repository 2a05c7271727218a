"""The `headway validate` command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from headway.cli import exit_codes, session
from headway.cli.options import campaigns_argument, shared_options
from headway.cli.selection_errors import NoSuchCampaignError
from headway.cli.workspace_store import open_history

if TYPE_CHECKING:
    from headway.config.load import LoadedCampaigns
    from headway.config.workspace import Workspace
    from headway.model.campaign import Campaign
    from headway.plugins import Scanners
    from headway.progress.path_owners import Team


@click.command(name="validate")
@campaigns_argument
@shared_options
def command(campaigns: tuple[str, ...]) -> None:
    """Check the workspace: its settings, scanners, campaigns and teams.

    Every error is printed with its file, line and column. After the first scan, the command
    also warns about each part of a campaign or team that matches nothing. To check only some
    campaigns, name them.

    The exit code is 1 if there are errors.
    """
    from headway.config.load import load_campaigns
    from headway.config.teams_file import load_teams
    from headway.plugins import load_scanners

    workspace = session.find_workspace()
    scanners = load_scanners(workspace.scanners)
    loaded = load_campaigns(workspace.campaigns, scanners, workspace.root, run_programs=True)
    _check_names(campaigns, loaded)
    problems = [
        problem for problem in loaded.problems if not campaigns or problem.file.stem in campaigns
    ]
    teams = load_teams(workspace.root)
    if not campaigns:
        problems += teams.problems
    for problem in problems:
        click.echo(problem.render(workspace.root) + "\n", err=True)
    plugin_problems = (*scanners.problems, *workspace.source_types.problems)
    for plugin_problem in plugin_problems:
        click.echo(f"error: {plugin_problem}", err=True)
    for (campaign, rule), reason in loaded.broken.items():
        click.echo(f"error: {campaign}: cannot run rule {rule}: {reason}", err=True)
    count = len(problems) + len(plugin_problems)
    if count:
        click.echo(f"{count} error{'s' if count > 1 else ''}", err=True)
        raise click.exceptions.Exit(exit_codes.ERROR)
    chosen = [
        campaign for campaign in loaded.campaigns if not campaigns or campaign.id in campaigns
    ]
    _print_warnings(workspace, scanners, chosen, teams.teams if not campaigns else ())
    checked = len(campaigns) or len(loaded.campaigns)
    click.echo(f"{checked} campaign{'' if checked == 1 else 's'} checked: no errors")


def _print_warnings(
    workspace: Workspace, scanners: Scanners, campaigns: Sequence[Campaign], teams: Sequence[Team]
) -> None:
    """Warn about parts of definitions that match nothing, if there has been a scan."""
    from headway.cli.unmatched_warnings import print_unmatched
    from headway.errors import HeadwayError

    try:
        with open_history(workspace) as store:
            print_unmatched(workspace, store, scanners, campaigns, teams)
    except HeadwayError:
        # Validation must work before the first scan and with an unreadable store.
        return


def _check_names(names: Sequence[str], loaded: LoadedCampaigns) -> None:
    """Check that a campaign file exists for each name. The file may be invalid.

    Raises:
        NoSuchCampaignError: No file exists for one of the names.
    """
    known = {campaign.id for campaign in loaded.campaigns}
    known |= {problem.file.stem for problem in loaded.problems}
    for name in names:
        if name not in known:
            raise NoSuchCampaignError(name, sorted(known))
