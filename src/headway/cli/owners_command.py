"""The `headway owners` command."""

from __future__ import annotations

import click

from headway.cli import session
from headway.cli.options import format_option, shared_options
from headway.cli.output import Column, Format, emit
from headway.cli.workspace_store import open_history
from headway.errors import HeadwayError


class NoSuchPlaceError(HeadwayError):
    """The argument is neither the name of a repository nor the path of an item."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"there is no repository `{place}`, and no item has ever had this path; "
            "write REPOSITORY/PATH (`headway repositories` lists the repositories)."
        )


_COLUMNS = (
    Column("repository", "repository", fit="wrap"),
    Column("path", "path", lambda path: "(all else)" if path is None else str(path), fit="wrap"),
    Column("team", "team", fit="wrap"),
    Column("by", "by"),
    Column("rule", "rule", fit="wrap", hide_first=1),
)


@click.command(name="owners")
@click.argument("place", metavar="PATH-or-REPOSITORY")
@format_option
@shared_options
def command(place: str, output_format: Format) -> None:
    """Show who owns a path or repository, and which ownership rule applies.

    The argument is the name of a repository, REPOSITORY/PATH, or the path of an item, even of a
    fixed one. For a repository, the command lists all ownership rules in order of precedence. The
    first rule that matches a path determines its owner. Rules from teams.yaml are current. All
    other rules are from the last scan.
    """
    from headway.metrics.owner_rows import owners

    opened = session.open_session()
    with open_history(opened.workspace) as store:
        rows = owners(store, opened.teams, place)
    if not rows:
        raise NoSuchPlaceError(place)
    emit(rows, _COLUMNS, output_format)
