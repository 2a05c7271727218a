"""`headway report`."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli import session
from headway.cli.application import shared_options


@click.command(name="report")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to (default: as headway.toml says, else site).",
)
@shared_options
def command(out: Path | None) -> None:
    """Write the pages: a static site that needs no server."""
    index = report(session.open_session(), out)
    click.echo(str(index))


def report(opened: session.Session, out: Path | None = None) -> Path:
    """Writes the site; gives the page to open."""
    from headway.answers.page import campaign_answer
    from headway.store.reading import open_store

    workspace = opened.workspace
    with open_store(workspace.settings.store) as store:
        answers = [
            campaign_answer(store, campaign, today=opened.today) for campaign in opened.campaigns()
        ]
    # after the store was read: without a scan there is nothing to make pages of
    from headway.pages.site import build_site

    return build_site(
        workspace.reports, answers, (out or workspace.settings.out).absolute(), today=opened.today
    )
