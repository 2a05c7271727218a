"""The `headway export` command."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli import session, workspace_store
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

    with workspace_store.reading(session.find_workspace()) as store:
        exported = export_history(store, folder.absolute())
    click.echo(
        f"exported {exported.rows:,} rows from {exported.tables} tables to {folder}", err=True
    )
