"""The `headway report` command."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import session, workspace_store
from headway.cli.options import (
    audience_option,
    executor_option,
    jobs_option,
    out_option,
    shared_options,
)
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from headway.cluster.cluster_address import ClusterAddress
    from headway.cluster.cluster_builders import ClusterBuilders
    from headway.model.audience import Audience
    from headway.model.progress_reporter import ProgressReporter


@click.command(name="report")
@out_option
@audience_option
@jobs_option(default="depends on the size of the site")
@executor_option
@click.option(
    "--watch",
    is_flag=True,
    help="Keep running, and rebuild the site when a template, a campaign or the store changes.",
)
@shared_options
def command(
    out: Path | None,
    audience: Audience,
    jobs: int | None,
    executor: ClusterAddress | None,
    *,
    watch: bool,
) -> None:
    """Build the static site.

    The site needs no server. Unchanged pages are not rebuilt.
    """
    if executor is not None and jobs:
        raise click.UsageError("--executor cannot be used with --jobs.")
    build = partial(report, out=out, audience=audience, jobs=jobs, cluster=executor)
    opened = session.open_session()
    click.echo(str(build(opened)))
    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            _rebuild_on_changes(opened, build)


def _rebuild_on_changes(opened: session.Session, build: Callable[[session.Session], Path]) -> None:
    from headway.cli.file_watcher import changes

    click.echo("waiting for changes; press Ctrl-C to stop", err=True)
    for file in changes(watched_paths(opened)):
        click.echo(f"{file} changed", err=True)
        try:
            click.echo(str(build(session.open_session())))
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
    cluster: ClusterAddress | None = None,
) -> Path:
    """Build the site and return the path of its first page.

    Args:
        opened: The workspace and its campaigns.
        out: The folder of the site. None means the folder in headway.toml.
        audience: The readers of the site. See `audience_option`.
        jobs: The number of worker processes. None means a number that depends on the size of the
            site.
        cluster: The cluster that builds the pages; None means this machine.
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
                _builders(opened, cluster, progress) if cluster else None,
            )
        )


def _builders(
    opened: session.Session, cluster: ClusterAddress, progress: ProgressReporter
) -> ClusterBuilders:
    from headway.cluster.cluster_builders import ClusterBuilders
    from headway.cluster.code_version import code_version
    from headway.cluster.dask_cluster import DaskCluster

    return ClusterBuilders(
        lambda: DaskCluster(cluster),
        code_version(opened.workspace, opened.scanners),
        opened.workspace.root,
        opened.workspace.settings.limits,
        progress,
    )
