"""The command `headway report`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import session, workspace_store
from headway.cli.options import audience_option, jobs_option, out_option, shared_options
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.model.audience import Audience


@click.command(name="report")
@out_option
@audience_option
@jobs_option(default="depends on the size of the site")
@click.option(
    "--watch",
    is_flag=True,
    help="Keep running, and rebuild the site when a template, a campaign or the store changes.",
)
@shared_options
def command(out: Path | None, audience: Audience, jobs: int | None, *, watch: bool) -> None:
    """Build the static site.

    The site needs no server. Unchanged pages are not rebuilt.
    """
    opened = session.open_session()
    click.echo(str(report(opened, out, audience=audience, jobs=jobs)))
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            _rebuild_on_changes(opened, out, audience, jobs)


def _rebuild_on_changes(
    opened: session.Session, out: Path | None, audience: Audience, jobs: int | None
) -> None:
    from headway.cli.file_watcher import changes

    click.echo("waiting for changes; press Ctrl-C to stop", err=True)
    for file in changes(watched_paths(opened)):
        click.echo(f"{file} changed", err=True)
        try:
            click.echo(str(report(session.open_session(), out, audience=audience, jobs=jobs)))
        except HeadwayError as error:
            # Continue after an error, because files are often invalid while they are being edited.
            click.echo(f"error: {error}", err=True)


def watched_paths(opened: session.Session) -> list[Path]:
    """Return the files and folders to watch.

    The workspace's `reports` folder is watched even if it does not exist yet.
    """
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
    """Build the site and return the path of its first page.

    Args:
        opened: The workspace and its campaigns.
        out: The folder of the site. None means the folder in headway.toml.
        audience: The readers of the site. See `audience_option`.
        jobs: The number of worker processes. None means a number that depends on the size of the
            site.
    """
    from headway.cli.progress_bar import ProgressBar
    from headway.site.build.site_builder import SiteRequest, build_site

    workspace = opened.workspace
    with workspace_store.reading(workspace) as store, ProgressBar() as progress:
        return build_site(
            SiteRequest(
                store,
                opened.campaigns(),
                workspace.reports,
                (out or workspace.settings.out).absolute(),
                opened.today,
                audience,
                jobs,
                progress,
                workspace.settings.cache / "site",
            )
        )
