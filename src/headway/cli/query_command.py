"""The `headway query` command."""

from __future__ import annotations

import click

from headway.cli import session
from headway.cli.options import format_option, shared_options
from headway.cli.output import Column, Format, emit
from headway.cli.workspace_store import open_history


@click.command(name="query")
@click.argument("sql", required=False)
@click.option("--views", is_flag=True, help="List the documented views and exit.")
@format_option
@shared_options
def command(sql: str | None, views: bool, output_format: Format) -> None:
    """Query the history with read-only SQL (DuckDB's dialect).

    The views are documented and stable. The tables behind the views may change in any version.
    """
    from headway.store.views import VIEW_DESCRIPTIONS

    if views:
        listed = [{"view": name, "what": what} for name, what in VIEW_DESCRIPTIONS.items()]
        emit(listed, [Column("view", "view"), Column("what", "content", fit="wrap")], output_format)
        return
    if not sql:
        raise click.UsageError("Give a query, or --views to list the views.")
    with open_history(session.find_workspace()) as store:
        names, rows = store.query(sql)
    columns = [
        Column(name, name, fit="wrap", hide_first=number) for number, name in enumerate(names)
    ]
    emit([dict(zip(names, row, strict=True)) for row in rows], columns, output_format)
