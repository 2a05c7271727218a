"""`headway demo`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import shown_path
from headway.errors import CannotWriteError, HeadwayError

_MARKER = ".headway-demo"
_MARKER_TEXT = "`headway demo` made this folder, and empties it when it makes the demo anew.\n"


class NotADemoError(HeadwayError):
    """The folder holds something that is not an earlier demo."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} is not empty, and no demo made it; name another folder: `headway demo DIR`."
        )


@click.command(name="demo")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    help="How many processes read at a time (default: one for each processor).",
)
@shared_options
def command(folder: Path | None, jobs: int | None) -> None:
    """Make a small organisation with three years of history, scan it and write its pages.

    DIR is headway-demo unless given. It has to be empty, not there yet, or an earlier demo, which
    is made anew. The repositories are made up; nothing is fetched from anywhere.
    """
    from headway.cli.report_command import report
    from headway.cli.scan_command import scan
    from headway.demo.demo_workspace import write_workspace
    from headway.demo.organisation import EARLIER, make_organisation

    target = (session.directory() / (folder or "headway-demo")).absolute()
    today = session.today()
    earlier = today - EARLIER
    workers = jobs or os.cpu_count() or 1
    with _writing(target):
        _clear(target)
        click.echo(f"making an organisation in {shown_path(target)}", err=True)
        make_organisation(target, today=today, until=earlier)
        write_workspace(target, today=today)
    opened = session.open_session(target)
    # scope is known only at scans: with two of them repositories come and go
    click.echo(f"scanning it as it stood on {earlier}", err=True)
    scan(replace(opened, today=earlier), jobs=workers)
    with _writing(target):
        make_organisation(target, today=today, since=earlier)
    click.echo(f"scanning it as it stands on {today}", err=True)
    outcome = scan(opened, jobs=workers)
    if outcome.unknown:
        click.echo("(on purpose: the pages show how the unknown looks)", err=True)
    index = report(opened)
    click.echo(
        f"\nLook around:  cd {shown_path(target)} && headway status\nOpen in a browser:",
        err=True,
    )
    click.echo(str(index))


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWriteError(error.filename or target, error.strerror or error) from error


def _clear(target: Path) -> None:
    """Makes the folder empty but for its marker; raises `NotADemoError` when it must not."""
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
    # first of all, so that a demo that was interrupted can be made anew
    (target / _MARKER).write_text(_MARKER_TEXT, "utf-8")
