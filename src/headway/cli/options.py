"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli import invocation
from headway.cli.output import FORMATS
from headway.model.days import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from headway.cluster.cluster_address import ClusterAddress

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Day(click.DateTime):
    """A date in the range that all commands support."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        moment: datetime = super().convert(value, param, ctx)
        if not FIRST_DAY <= moment.date() <= LAST_DAY:
            self.fail(f"{moment.date()} is not a date from {FIRST_DAY} to {LAST_DAY}.", param, ctx)
        return moment


def check_globs(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """Check one or more globs for repository names. This is a callback for options."""
    if value is None or value == ():
        return value
    from headway.config.pattern_checks import pattern_fault

    for glob in [value] if isinstance(value, str) else value:
        fault = pattern_fault(glob, "repository")
        if fault is not None:
            raise click.BadParameter(f"the pattern `{glob}` {fault.message}; {fault.hint}.")
    return value


def workspace_options(*, from_environment: bool) -> Decorator:
    """Add `-C` and `--today`.

    Args:
        from_environment: Whether the options read HEADWAY_DIRECTORY and HEADWAY_TODAY. Must be
            false for options after the command, because the variables would override values that
            the user typed before the command.
    """
    directory = click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(path_type=Path),
        expose_value=False,
        allow_from_autoenv=from_environment,
        callback=invocation.remember,
        help="Workspace, or a folder inside the workspace.  [default: current folder]",
    )
    today = click.option(
        "--today",
        metavar="DATE",
        type=_Day(),
        expose_value=False,
        allow_from_autoenv=from_environment,
        callback=invocation.remember,
        help="Use this date as today's date, for example 2026-03-31.",
    )
    return lambda command: directory(today(command))


shared_options = workspace_options(from_environment=False)
"""The `-C` and `--today` options after the command. They override earlier values."""


def _format_or_default(ctx: click.Context, _: click.Parameter, value: str | None) -> str:
    return value or invocation.global_format(ctx) or "table"


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--format` and `--wide`."""
    output_format = click.option(
        "--format",
        "output_format",
        type=click.Choice(FORMATS),
        allow_from_autoenv=False,
        callback=_format_or_default,
        help="Output format.  [default: table]",
    )
    wide = click.option(
        "--wide",
        is_flag=True,
        expose_value=False,
        callback=invocation.remember,
        help="Show all columns of the table, even if they do not fit in the terminal.",
    )
    return output_format(wide(command))


campaigns_argument = click.argument("campaigns", nargs=-1)

campaign_argument = click.argument("campaign")

team_option = click.option("--team", metavar="NAME", help="Include only items of this team.")

audience_option = click.option(
    "--audience",
    type=click.Choice(["public", "internal", "private"]),
    default="internal",
    show_default=True,
    help="Who will read the output. The output quotes no code from repositories that some of these "
    "readers are not allowed to see.",
)

out_option = click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of the site.  [default: as set in headway.toml, or site]",
)


def jobs_option(*, default: str) -> Decorator:
    """Add `--jobs`, the number of worker processes.

    Args:
        default: A description of the default, for the help text.
    """
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        help=f"Number of worker processes.  [default: {default}]",
    )


def _cluster(_: click.Context, __: click.Parameter, value: str | None) -> ClusterAddress | None:
    from headway.cluster.cluster_address import AddressRefusedError, parse_address

    try:
        return parse_address(value) if value is not None else None
    except AddressRefusedError as error:
        raise click.BadParameter(str(error), param_hint="'--executor'") from error


executor_option = click.option(
    "--executor",
    metavar="ADDRESS",
    callback=_cluster,
    help="Use the workers of the Dask cluster whose scheduler is at ADDRESS, for example "
    "tls://scheduler:8786, or dask://127.0.0.1:8786 on this machine. See docs/scale.md.",
)
