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
    from headway.model.audience import Audience

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
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    help="How many processes build pages (default: as many as are worth it).",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Go on, and write the pages again whenever a template, campaign or the store changes.",
)
@shared_options
def command(out: Path | None, audience: Audience, jobs: int | None, *, watch: bool) -> None:
    """Write the pages: a static site that needs no server.

    Pages that would come out as they are already are not made again.
    """
    opened = session.open_session()
    click.echo(str(report(opened, out, audience=audience, jobs=jobs)))
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            _go_on(opened, out, audience, jobs)


def _go_on(opened: session.Session, out: Path | None, audience: Audience, jobs: int | None) -> None:
    from headway.cli.file_watcher import changes

    click.echo("waiting for changes; Ctrl-C ends it", err=True)
    for file in changes(watched(opened)):
        click.echo(f"{file} changed", err=True)
        try:
            click.echo(str(report(session.open_session(), out, audience=audience, jobs=jobs)))
        except HeadwayError as error:
            # whoever is in the middle of an edit wants to go on
            click.echo(f"error: {error}", err=True)


def watched(opened: session.Session) -> list[Path]:
    """What the pages are made of, or will be: a first template of one's own makes its folder."""
    workspace = opened.workspace
    folders = {workspace.root / "reports", *workspace.reports, workspace.campaigns}
    return [*sorted(folders), workspace.config, workspace.settings.store]


def report(
    opened: session.Session,
    out: Path | None = None,
    *,
    audience: Audience = "internal",
    jobs: int | None = None,
) -> Path:
    """Writes the site; gives the page to open."""
    from headway.cli.progress_bar import ProgressBar
    from headway.site.build.site_builder import SiteRequest, build_site

    workspace = opened.workspace
    with ProgressBar() as watching:
        return build_site(
            SiteRequest(
                workspace.settings.store,
                opened.campaigns(),
                workspace.reports,
                (out or workspace.settings.out).absolute(),
                opened.today,
                audience,
                jobs,
                watching,
            )
        )
