"""The `headway schema` command."""

from __future__ import annotations

import json

import click

from headway.cli import session
from headway.cli.options import shared_options
from headway.errors import WorkspaceNotFoundError


@click.command(name="schema")
@click.option("--teams", is_flag=True, help="Print the schema of teams.yaml instead.")
@shared_options
def command(*, teams: bool) -> None:
    """Print the JSON Schema of campaign files.

    The schema covers the options of the shipped scanners, of scanners from installed packages and,
    inside a workspace, of the scanners in its scanners/ folder.
    """
    if teams:
        from headway.config.teams_file import teams_schema

        click.echo(json.dumps(teams_schema(), indent=2))
        return
    from headway.config.json_schema import campaign_schema
    from headway.config.workspace import shipped_folder
    from headway.plugins import load_scanners

    try:
        folders = session.find_workspace().scanners
    except WorkspaceNotFoundError:
        folders = (shipped_folder() / "scanners",)
    click.echo(json.dumps(campaign_schema(load_scanners(folders)), indent=2))
