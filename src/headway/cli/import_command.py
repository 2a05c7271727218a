"""The command `headway import`."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli import invocation, session
from headway.cli.options import shared_options


@click.command(name="import")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--replace", is_flag=True, help="Replace the current store, which is kept as a backup."
)
@shared_options
def command(folder: Path, *, replace: bool) -> None:
    """Create the workspace's store from the export in FOLDER.

    After every scan, `headway scan` writes an export to a folder beside the store. The name of
    the folder is the name of the store followed by `.export`.
    """
    from headway.store.transfer import import_history

    store = session.find_workspace().settings.store
    imported = import_history(store, folder.absolute(), invocation.now(), replace=replace)
    click.echo(
        f"imported {imported.rows:,} rows from {imported.tables} tables into {store}", err=True
    )
    if imported.put_aside is not None:
        click.echo(f"the previous store was moved to {imported.put_aside}", err=True)
