"""`headway owners`."""

from __future__ import annotations

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option
from headway.errors import HeadwayError


class NothingKnownError(HeadwayError):
    """No repository goes by the name, and no item was ever at the path."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"no repository is called {place}, and no item was ever at such a path; "
            "write REPOSITORY/PATH: `headway repositories` lists the repositories."
        )


_COLUMNS = (
    Column("repository", "repository", flexible=True),
    Column("path", "path", lambda path: "(all else)" if path is None else str(path), flexible=True),
    Column("team", "team"),
    Column("by", "by"),
    Column("rule", "rule", flexible=True),
)


@click.command(name="owners")
@click.argument("place", metavar="PATH-or-REPOSITORY")
@format_option
@shared_options
def command(place: str, output_format: Format) -> None:
    """Say who owns a path or a repository, and which rule decides.

    Write a repository's name, REPOSITORY/PATH, or a path at which there is or was an item. Of a
    repository every rule is listed, the one that decides first at the top. teams.yaml counts as
    it is now, everything else as the last scan saw it.
    """
    from headway.metrics.owner_rows import owners
    from headway.store.store_reader import open_store

    opened = session.open_session()
    with open_store(opened.workspace.settings.store) as store:
        rows = owners(store, opened.teams, place)
    if not rows:
        raise NothingKnownError(place)
    emit(rows, _COLUMNS, output_format)
