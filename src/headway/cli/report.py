"""`headway report`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.pages.audience import Audience

audience_option = click.option(
    "--audience",
    type=click.Choice(["public", "internal", "private"]),
    default="internal",
    show_default=True,
    help="Who reads the pages: no line is quoted of a repository that is less visible than that.",
)
out_option = click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to (default: as headway.toml says, else site).",
)


@click.command(name="report")
@out_option
@audience_option
@click.option(
    "--watch",
    is_flag=True,
    help="Go on, and write the pages again whenever a template, campaign or the store changes.",
)
@shared_options
def command(out: Path | None, audience: Audience, *, watch: bool) -> None:
    """Write the pages: a static site that needs no server."""
    opened = session.open_session()
    click.echo(str(report(opened, out, audience=audience)))
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            _go_on(opened, out, audience)


def _go_on(opened: session.Session, out: Path | None, audience: Audience) -> None:
    from headway.cli.changing import changes

    click.echo("waiting for changes; Ctrl-C ends it", err=True)
    for file in changes(watched(opened)):
        click.echo(f"{file} changed", err=True)
        try:
            click.echo(str(report(session.open_session(), out, audience=audience)))
        except HeadwayError as error:
            # whoever is in the middle of an edit wants to go on
            click.echo(f"error: {error}", err=True)


def watched(opened: session.Session) -> list[Path]:
    """What the pages are made of."""
    workspace = opened.workspace
    return [*workspace.reports, workspace.campaigns, workspace.config, workspace.settings.store]


def report(
    opened: session.Session, out: Path | None = None, *, audience: Audience = "internal"
) -> Path:
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
        workspace.reports,
        answers,
        (out or workspace.settings.out).absolute(),
        today=opened.today,
        audience=audience,
    )
