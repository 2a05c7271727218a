"""`headway repositories`."""

from __future__ import annotations

import click

from headway.cli import session
from headway.cli.application import UNKNOWN_EXIT, shared_options
from headway.cli.output import Column, Format, emit, format_option

_COLUMNS = (
    Column("repository", "repository", flexible=True),
    Column("source", "source"),
    Column("campaign", "campaign"),
    Column("in_scope", "in scope"),
    Column("reason", "why not"),
)


@click.command(name="repositories")
@format_option
@shared_options
def command(output_format: Format) -> None:
    """List what the sources have, and which campaigns each repository is in, or why not."""
    from headway.cli.progress_bar import ProgressBar
    from headway.metrics.repository_rows import repositories
    from headway.scan.request import NothingListedError

    opened = session.open_session()
    with ProgressBar() as progress:
        sources = session.sources(opened.workspace, progress.waiting)
        listings = [source.list_repositories() for source in sources]
    rows = repositories(listings, opened.loaded.campaigns)
    if not rows:
        raise NothingListedError(sources)
    emit(rows, _COLUMNS, output_format)
    problems = [problem for listing in listings for problem in listing.problems]
    for problem in problems:
        click.echo(f"incomplete: {problem}", err=True)
    if problems or any(listing.unlisted for listing in listings):
        raise click.exceptions.Exit(UNKNOWN_EXIT)
