"""`headway import`."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli import session
from headway.cli.application import shared_options


@click.command(name="import")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--replace", is_flag=True, help="Put the history that is there aside.")
@shared_options
def command(folder: Path, *, replace: bool) -> None:
    """Make the workspace's store of an export in FOLDER.

    `headway scan` keeps one beside the store, named as the store with `.export` behind it.
    """
    from headway.store.transfer import import_history

    store = session.find().settings.store
    done = import_history(store, folder.absolute(), session.now(), replace=replace)
    click.echo(f"{done.rows:,} rows of {done.tables} tables are in {store}", err=True)
    if done.put_aside is not None:
        click.echo(f"what was there before is in {done.put_aside}", err=True)
