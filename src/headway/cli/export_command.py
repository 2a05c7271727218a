"""`headway export`."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli import session
from headway.cli.application import shared_options


@click.command(name="export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@shared_options
def command(folder: Path) -> None:
    """Write the whole history to FOLDER as Parquet, a file for each table.

    An export that is there is replaced, and only when the new one is complete. `headway import`
    makes a store of it again.
    """
    from headway.store.transfer import export_history

    done = export_history(session.find().settings.store, folder.absolute())
    click.echo(f"{done.rows:,} rows of {done.tables} tables are in {folder}", err=True)
