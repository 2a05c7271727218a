"""`headway validate`."""

from __future__ import annotations

import click

from headway.cli import session
from headway.cli.application import shared_options


@click.command(name="validate")
@click.argument("campaigns", nargs=-1)
@shared_options
def command(campaigns: tuple[str, ...]) -> None:
    """Check the workspace: its settings, scanners, campaigns and teams.

    Prints every error of every file with its line and column; exits with 1 when there is any.
    With CAMPAIGNS, only those files are checked.
    """
    from headway.config.load import load_campaigns
    from headway.config.teams_file import load_teams
    from headway.plugins import load_scanners

    workspace = session.find()
    scanners = load_scanners(workspace.scanners)
    loaded = load_campaigns(workspace.campaigns, scanners)
    problems = [
        problem for problem in loaded.problems if not campaigns or problem.file.stem in campaigns
    ]
    known = {campaign.id for campaign in loaded.campaigns}
    known |= {problem.file.stem for problem in loaded.problems}
    for name in campaigns:
        if name not in known:
            raise session.NoSuchCampaignError(name, sorted(known))
    if not campaigns:
        problems += load_teams(workspace.root).problems
    for problem in problems:
        click.echo(problem.render(workspace.root) + "\n", err=True)
    plugin_problems = (*scanners.problems, *workspace.source_types.problems)
    for plugin in plugin_problems:
        click.echo(f"error: {plugin}", err=True)
    for (campaign, rule), reason in loaded.broken.items():
        click.echo(f"error: {campaign}: rule {rule} cannot be carried out: {reason}", err=True)
    count = len(problems) + len(plugin_problems)
    if count:
        click.echo(f"{count} error{'s' if count > 1 else ''}", err=True)
        raise click.exceptions.Exit(1)
    checked = len(campaigns) or len(loaded.campaigns)
    click.echo(f"{checked} campaign{'' if checked == 1 else 's'} checked: no errors")
