"""The `headway` command: its verbs, the options all of them share, and errors to exit codes."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from headway.errors import HeadwayError
from headway.version import __version__

VERBS = {
    "burndown": "the series of a campaign with its ledger",
    "demo": "make a small organisation, scan it and write its pages",
    "init": "make a workspace",
    "items": "the places that have to change",
    "query": "read-only SQL over the history",
    "report": "write the static site",
    "repositories": "what the sources list, and which campaigns each is in",
    "scan": "read the repositories and keep what is found",
    "schema": "the JSON Schema of campaign files",
    "status": "how far every campaign is",
    "validate": "check the workspace",
}

UNKNOWN_EXIT = 3
INTERRUPTED_EXIT = 130


class _Verbs(click.Group):
    """Loads a verb's module when it is asked for; turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"headway.cli.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(sorted(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(
                f"{error.message} The commands: {', '.join(sorted(VERBS))}."
            ) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HeadwayError as error:
            _say(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            _say("interrupted; nothing of this run was kept.")
            ctx.exit(INTERRUPTED_EXIT)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - this is the last line
            _say(_crash_sentence(error))
            ctx.exit(1)


def _say(sentence: object) -> None:
    text = str(sentence)
    click.echo(text if text.startswith("error:") else f"error: {text}", err=True)


def _crash_sentence(error: Exception) -> str:
    """Puts the traceback where it can be sent from."""
    descriptor, name = tempfile.mkstemp(prefix="headway-crash-", suffix=".txt")
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        file.write(f"headway {__version__}, Python {sys.version}\n\n")
        traceback.print_exception(error, file=file)
    return (
        f"this is a fault of Headway ({type(error).__name__}); what happened is in {name}: "
        "please report it with that file."
    )


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-C` and `--today`: accepted before the verb and after it, the later one counts."""
    directory = click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_remember,
        help="The workspace, or a folder in it (default: the current folder).",
    )
    today = click.option(
        "--today",
        metavar="DATE",
        type=click.DateTime(["%Y-%m-%d"]),
        expose_value=False,
        callback=_remember,
        help="Take this day for today.",
    )
    return directory(today(command))


def _remember(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    settings = ctx.find_root().ensure_object(dict)
    if value is not None and parameter.name is not None:
        settings[parameter.name] = value


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="headway")
@shared_options
def cli() -> None:
    """Track migrations and tech-debt campaigns across all repositories, from git history."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the `headway` command."""
    try:
        cli.main(args=arguments, prog_name="headway", auto_envvar_prefix="HEADWAY")
    except BrokenPipeError:
        # whoever was reading has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
