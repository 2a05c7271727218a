"""The command `headway export`."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli import session
from headway.cli.options import shared_options


@click.command(name="export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@shared_options
def command(folder: Path) -> None:
    """Export the whole history to FOLDER as Parquet, one file per table.

    An earlier export in FOLDER is replaced when the new export is complete. `headway import`
    creates a store from an export.
    """
    from headway.store.transfer import export_history

    exported = export_history(session.find_workspace().settings.store, folder.absolute())
    click.echo(
        f"exported {exported.rows:,} rows from {exported.tables} tables to {folder}", err=True
    )
