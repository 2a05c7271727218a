"""The entry point of the `headway` command, and its global options."""

from __future__ import annotations

import io
import sys

import click

from headway.cli import invocation, signals, temporary_folder
from headway.cli.command_group import CommandGroup
from headway.cli.error_report import print_error, print_warning
from headway.cli.options import workspace_options
from headway.cli.output import FORMATS
from headway.version import __version__


@click.group(
    "headway",
    cls=CommandGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "HEADWAY",
    },
)
@click.version_option(__version__, prog_name="headway", allow_from_autoenv=False)
@workspace_options(from_environment=True)
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    expose_value=False,
    callback=invocation.remember,
    help="Output format of the commands that list rows.",
)
@click.option(
    "--allow-loopback-http",
    is_flag=True,
    hidden=True,
    expose_value=False,
    callback=invocation.remember,
    help="Allow plain HTTP to forges on this machine (for tests).",
)
def cli() -> None:
    """Track migrations and tech-debt campaigns across all repositories, from git history."""


def main(handler: signals.Handler | None = None) -> None:
    """Run the command line, as the `headway` command does.

    Args:
        handler: The signal handler to replace when a command starts. None means Python's handlers.
    """
    signals.expect(handler)
    for stream in (sys.stdout, sys.stderr):
        # Escape characters that the terminal cannot show, instead of raising an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        warning = temporary_folder.create()
    except temporary_folder.NoTemporaryFolderError as error:
        print_error(error)
        sys.exit(error.exit_code)
    if warning is not None:
        print_warning(warning)
    cli.main(prog_name="headway")
