"""The `headway import` command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import invocation, session, workspace_store
from headway.cli.options import shared_options

if TYPE_CHECKING:
    from headway.model.object_address import ObjectAddress
    from headway.storage.remote_store import RemoteStore
    from headway.store.transfer import Transfer


@click.command(name="import")
@click.argument("folder")
@click.option(
    "--replace", is_flag=True, help="Replace the current store, which is kept as a backup."
)
@shared_options
def command(folder: str, *, replace: bool) -> None:
    """Create the workspace's store from the export in FOLDER.

    After every scan, `headway scan` writes an export to a folder next to the store. The name of
    the folder is the name of the store followed by `.export`. If the store is in object storage,
    FOLDER is the address of the export, for example s3://bucket/headway.duckdb.export.
    """
    from headway.store.transfer import import_history

    workspace = session.find_workspace()
    store, remote = workspace.settings.store, workspace_store.remote_store(workspace)
    kept: Path | ObjectAddress | None
    with _local_folder(folder, workspace.settings.cache) as export:
        if remote is None:
            imported = import_history(store, export, invocation.now(), replace=replace)
            kept = imported.put_aside
        else:
            imported, kept = _import_to(remote, export, replace=replace)
    click.echo(
        f"imported {imported.rows:,} rows from {imported.tables} tables into "
        f"{remote.address if remote else store}",
        err=True,
    )
    if kept is not None:
        click.echo(f"the previous store was moved to {kept}", err=True)


def _import_to(
    remote: RemoteStore, export: Path, *, replace: bool
) -> tuple[Transfer, ObjectAddress | None]:
    """Import an export into a store in object storage.

    Returns:
        The transfer, and the address of the copy of the replaced store, or None if no store was
        replaced.

    Raises:
        StoreThereError: A store already exists, and `replace` is false.
    """
    from headway.store.transfer import StoreThereError, import_history

    with remote.writing(invocation.now(), download=False) as store:
        if not store.is_new and not replace:
            raise StoreThereError(remote.address)
        imported = import_history(store.path, export, invocation.now(), replace=False)
        return imported, store.save(".replaced")


@contextmanager
def _local_folder(folder: str, cache: Path) -> Iterator[Path]:
    """Yield the path of an export. An export in object storage is downloaded first.

    Raises:
        click.BadParameter: The address is invalid.
        NotAnExportError: Object storage has no export at the address.
    """
    from headway.model.object_address import parse_object_address
    from headway.scratch_dir import scratch_dir_beside
    from headway.store.transfer import MANIFEST, NotAnExportError

    try:
        address = parse_object_address(folder)
    except ValueError as error:
        raise click.BadParameter(f"{folder!r}: {error}.", param_hint="'FOLDER'") from error
    if address is None:
        yield Path(folder).absolute()
        return
    cache.mkdir(parents=True, exist_ok=True)
    with scratch_dir_beside(cache / "import") as scratch:
        if not workspace_store.storage_client(address).fetch_export(scratch):
            raise NotAnExportError(address, f"there is no {MANIFEST}")
        yield scratch
