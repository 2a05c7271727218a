"""The `headway repositories` command."""

from __future__ import annotations

import click

from headway.cli import exit_codes, invocation, session, workspace_store
from headway.cli.options import format_option, shared_options
from headway.cli.output import Column, Format, emit

_COLUMNS = (
    Column("repository", "repository", fit="wrap"),
    Column("source", "source", hide_first=2),
    Column("default_branch", "branch", hide_first=1),
    Column("campaign", "campaign"),
    Column("in_scope", "in scope"),
    Column("reason", "why not", fit="wrap"),
)


@click.command(name="repositories")
@click.option(
    "--gone",
    "gone",
    metavar="NAME",
    multiple=True,
    help="Confirm that the missing repository NAME is gone. May be repeated.",
)
@format_option
@shared_options
def command(output_format: Format, gone: tuple[str, ...]) -> None:
    """List the repositories of all sources, and the campaigns whose scope includes them.

    If a repository is not in the scope of a campaign, the list shows why. The `branch` column
    shows the branch that scans read. The command prints a note if a clone has a different branch
    checked out, or if the scanned branch may be out of date.

    If the token can no longer see a repository, the state of the repository is unknown. If the
    repository was deleted, confirm this with `--gone NAME`: the next scan then counts the
    repository as gone.

    The exit code is 3 if a listing was incomplete.
    """
    if gone:
        _confirm_gone(gone)
        return
    from headway.cli.progress_bar import ProgressBar
    from headway.forges.distinct_listings import distinct_listings
    from headway.metrics.repository_rows import repositories
    from headway.model.repository import branch_notes, hidden_notes
    from headway.scan.request import NothingListedError

    opened = session.open_session()
    with ProgressBar() as progress:
        sources = session.open_sources(opened.workspace, progress.waiting)
        listings = distinct_listings([source.list_repositories() for source in sources])
    rows = repositories(listings, opened.loaded.campaigns)
    if not rows:
        raise NothingListedError(sources)
    emit(rows, _COLUMNS, output_format)
    for note in (*branch_notes(listings), *hidden_notes(listings)):
        click.echo(f"note: {note}", err=True)
    problems = [problem for listing in listings for problem in listing.problems]
    for problem in problems:
        click.echo(f"incomplete: {problem}", err=True)
    if problems or any(listing.unlisted for listing in listings):
        raise click.exceptions.Exit(exit_codes.UNKNOWN)


def _confirm_gone(names: tuple[str, ...]) -> None:
    """Record that the repositories are gone, and export the updated history."""
    from headway.scan.gone_confirmation import confirm_gone
    from headway.store.transfer import copy_of, export_history

    with workspace_store.writing(session.open_session().workspace) as store:
        confirm_gone(store.path, names, invocation.now())
        store.save()
        export_history(store.path, copy_of(store.path))
        store.save_export()
    for name in names:
        click.echo(f"the next scan counts {name} as gone", err=True)
