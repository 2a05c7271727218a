"""The `headway demo` command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from headway.cli import invocation, session
from headway.cli.options import jobs_option, shared_options
from headway.cli.output import headway_in, shown_path
from headway.errors import CannotWriteError, HeadwayError

_MARKER = ".headway-demo"
_MARKER_TEXT = "`headway demo` created this folder and replaces its contents when it runs again.\n"


class NotADemoError(HeadwayError):
    """The demo folder contains something other than an earlier demo."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} is neither empty nor an earlier demo; "
            "choose another folder: `headway demo DIR`."
        )


@click.command(name="demo")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@jobs_option(default="one per processor")
@shared_options
def command(folder: Path | None, jobs: int | None) -> None:
    """Create a demo organisation, scan it and build its site.

    The organisation is invented and has three years of history. Nothing is downloaded.

    DIR defaults to headway-demo. DIR must be a new or empty folder, or contain an earlier demo,
    which is replaced.
    """
    from headway.cli.report_command import report
    from headway.cli.scan_command import scan
    from headway.demo.demo_workspace import write_workspace
    from headway.demo.organisation import EARLIER, make_organisation

    target = (invocation.directory() / (folder or "headway-demo")).absolute()
    today = invocation.today()
    earlier = today - EARLIER
    workers = jobs or os.cpu_count() or 1
    with _write_errors(target):
        _prepare(target)
        click.echo(f"creating an organisation in {shown_path(target)}", err=True)
        make_organisation(target, today=today, until=earlier)
        write_workspace(target, today=today)
    opened = session.open_session(target)
    # A scan records the repositories that were added or removed since the previous scan. The demo
    # needs two scans to show such changes.
    click.echo(f"scanning the organisation as of {earlier}", err=True)
    scan(replace(opened, today=earlier), jobs=workers)
    with _write_errors(target):
        make_organisation(target, today=today, since=earlier)
    click.echo(f"scanning the organisation as of {today}", err=True)
    outcome = scan(opened, jobs=workers)
    if outcome.unknown:
        click.echo("(this is expected: some of the demo's repositories cannot be read)", err=True)
    index = report(opened)
    click.echo(
        f"\nExplore:  {headway_in(target)} status\nOpen in a browser:",
        err=True,
    )
    click.echo(str(index))


@contextmanager
def _write_errors(target: Path) -> Iterator[None]:
    """Raise a `CannotWriteError` instead of an `OSError` in the block."""
    try:
        yield
    except OSError as error:
        raise CannotWriteError(error.filename or target, error.strerror or error) from error


def _prepare(target: Path) -> None:
    """Create the demo folder, or delete the earlier demo in it.

    Raises:
        NotADemoError: The folder contains something other than an earlier demo.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        if not (target / _MARKER).is_file():
            raise NotADemoError(target)
        for entry in target.iterdir():
            if entry.name == _MARKER:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    target.mkdir(parents=True, exist_ok=True)
    # Write the marker first, so that an interrupted demo can be created again.
    (target / _MARKER).write_text(_MARKER_TEXT, "utf-8")
