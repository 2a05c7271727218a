"""`headway schema`."""

from __future__ import annotations

import json

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.errors import WorkspaceNotFoundError


@click.command(name="schema")
@click.option("--teams", is_flag=True, help="That of teams.yaml instead.")
@shared_options
def command(*, teams: bool) -> None:
    """Print the JSON Schema of campaign files.

    It knows the shipped scanners, and in a workspace those of its scanners/ folder too.
    """
    if teams:
        from headway.config.teams_file import teams_schema

        click.echo(json.dumps(teams_schema(), indent=2))
        return
    from headway.config.json_schema import campaign_schema
    from headway.config.workspace import shipped_folder
    from headway.plugins import load_scanners

    try:
        folders = session.find().scanners
    except WorkspaceNotFoundError:
        folders = (shipped_folder() / "scanners",)
    click.echo(json.dumps(campaign_schema(load_scanners(folders)), indent=2))
