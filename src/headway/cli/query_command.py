"""`headway query`."""

from __future__ import annotations

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option


@click.command(name="query")
@click.argument("sql", required=False)
@click.option("--views", is_flag=True, help="List the views that can be asked, and stop.")
@format_option
@shared_options
def command(sql: str | None, views: bool, output_format: Format) -> None:
    """Ask the history in SQL (DuckDB's); nothing can be changed by it.

    The views are documented; tables beside them may change from version to version.
    """
    from headway.store.store_reader import open_store
    from headway.store.table_definitions import VIEWS_FOR_ALL

    if views:
        known = [{"view": name, "what": what} for name, what in VIEWS_FOR_ALL.items()]
        emit(known, [Column("view", "view"), Column("what", "what")], output_format)
        return
    if not sql:
        raise click.UsageError("give a query, or --views")
    workspace = session.find()
    with open_store(workspace.settings.store) as store:
        names, rows = store.query(sql)
    columns = [Column(name, name) for name in names]
    emit([dict(zip(names, row, strict=True)) for row in rows], columns, output_format)
