"""`headway items`."""

from __future__ import annotations

from typing import Literal

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option

_COLUMNS = (
    Column("repository", "repository", flexible=True),
    Column("place", "place", flexible=True),
    Column("rule", "rule"),
    Column("team", "team"),
    Column("state", "state"),
    Column("opened", "since"),
    Column("excerpt", "line", flexible=True),
)


@click.command(name="items")
@click.argument("campaigns", nargs=-1)
@click.option("--team", metavar="NAME", help="Only what this team has.")
@click.option("--repository", metavar="GLOB", help="Only repositories whose name matches.")
@click.option("--rule", metavar="ID", help="Only what this rule found.")
@click.option(
    "--state",
    type=click.Choice(["open", "fixed", "exempt", "all"]),
    default="open",
    show_default=True,
    help="Which items; `all` has every opening there ever was.",
)
@format_option
@shared_options
def command(
    campaigns: tuple[str, ...],
    team: str | None,
    repository: str | None,
    rule: str | None,
    state: Literal["open", "fixed", "exempt", "all"],
    output_format: Format,
) -> None:
    """List the places that have to change.

    JSON and CSV have every field, with a link to the line and the item's history.
    """
    from headway.answers.items import items
    from headway.store.reading import open_store

    opened = session.open_session()
    with open_store(opened.workspace.settings.store) as store:
        rows = items(
            store,
            opened.campaigns(campaigns),
            state=state,
            team=team,
            repository=repository,
            rule=rule,
        )
    if output_format in ("json", "csv"):
        emit(rows, _COLUMNS, output_format)
        return
    shown = [
        {
            "repository": row.repository,
            "place": row.path if row.line is None else f"{row.path}:{row.line}",
            "rule": row.rule,
            "team": row.team,
            "state": row.state,
            "opened": ("≤ " if row.opened_before_baseline else "") + f"{row.opened_at:%Y-%m-%d}",
            "excerpt": row.excerpt,
        }
        for row in rows
    ]
    emit(shown, _COLUMNS, output_format)
    if not rows:
        click.echo("no items", err=True)
