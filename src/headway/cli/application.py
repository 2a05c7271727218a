"""The `headway` command: its verbs, the options all of them share, and errors to exit codes."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from headway.cli import signals as interruption
from headway.cli.output import FORMATS
from headway.errors import HeadwayError
from headway.printable import printable
from headway.version import __version__

COMMANDS = {
    "burndown": "the series of a campaign with its ledger",
    "demo": "make a small organisation, scan it and write its pages",
    "digest": "what changed, why, and who must act: as a mail or a message",
    "doctor": "check git, disk, and what each forge lets the token do",
    "exemptions": "what need not go, and until when",
    "export": "write the whole history as Parquet",
    "forecast": "when it ends, as a distribution, and how well that has held so far",
    "import": "make a store of an export",
    "init": "make a workspace",
    "items": "the places that have to change",
    "owners": "who owns a path or a repository, and which rule decides",
    "query": "read-only SQL over the history",
    "report": "write the static site",
    "repositories": "what the sources list, and which campaigns each is in",
    "scan": "read the repositories and keep what is found",
    "schema": "the JSON Schema of campaign files",
    "serve": "show the pages on this machine",
    "status": "how far every campaign is",
    "validate": "check the workspace",
}

UNKNOWN_EXIT = 3
INTERRUPTED_EXIT = 130


class _CommandGroup(click.Group):
    """Loads a verb's module when it is asked for; turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"headway.cli.{cmd_name}_command")
        command = module.command
        assert isinstance(command, click.Command)
        _name_variables(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(
                f"{error.message} The commands: {', '.join(sorted(COMMANDS))}.", ctx
            ) from None
        lists = command is not None and any(each.name == "output_format" for each in command.params)
        if ctx.get_parameter_source("format") == ParameterSource.COMMANDLINE and not lists:
            raise click.UsageError(f"`headway {name}` lists nothing; leave --format out.", ctx)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return self._invoke(ctx)
        except KeyboardInterrupt:
            interruption.ignore()
            _say("interrupted; nothing half done was kept.")
            ctx.exit(interruption.exit_code() or INTERRUPTED_EXIT)
        except HeadwayError as error:
            _say(error)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            # whoever was reading has seen enough; Python must not try again when it ends
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001 - this is the last line
            _say(_crash_sentence(error))
            ctx.exit(1)

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if interruption.exit_code() is not None:
                raise KeyboardInterrupt from error
            raise


def _name_variables(command: click.Command) -> None:
    """`--repository` of `scan` mirrors HEADWAY_SCAN_REPOSITORY, whatever its parameter's name."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.allow_from_autoenv:
            longest = max(parameter.opts, key=len).lstrip("-")
            parameter.envvar = f"HEADWAY_{command.name}_{longest}".replace("-", "_").upper()


def _say(sentence: object) -> None:
    text = printable(str(sentence), keep="\n\t")
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


def _shared(*, from_environment: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    directory = click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(path_type=Path),
        expose_value=False,
        allow_from_autoenv=from_environment,
        callback=_remember,
        help="The workspace, or a folder in it (default: the current folder).",
    )
    today = click.option(
        "--today",
        metavar="DATE",
        type=click.DateTime(["%Y-%m-%d"]),
        expose_value=False,
        allow_from_autoenv=from_environment,
        callback=_remember,
        help="Take this day for today.",
    )
    return lambda command: directory(today(command))


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-C` and `--today`: accepted before the verb and after it, the later one counts.

    Only those before it can come from the environment (HEADWAY_DIRECTORY, HEADWAY_TODAY): a
    variable must not win over what was written before the verb.
    """
    return _shared(from_environment=False)(command)


def _remember(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    settings = ctx.find_root().ensure_object(dict)
    if value is not None and parameter.name is not None:
        settings[parameter.name] = value


@click.group(
    "headway",
    cls=_CommandGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "HEADWAY",
    },
)
@click.version_option(__version__, prog_name="headway", allow_from_autoenv=False)
@_shared(from_environment=True)
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    expose_value=False,
    callback=_remember,
    help="How to print rows, where there is something to list.",
)
@click.option(
    "--allow-loopback-http",
    is_flag=True,
    hidden=True,
    expose_value=False,
    callback=_remember,
    help="Speak to forges on this machine without TLS, as tests do.",
)
def cli() -> None:
    """Track migrations and tech-debt campaigns across all repositories, from git history."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the `headway` command."""
    interruption.listen()
    for stream in (sys.stdout, sys.stderr):
        # a terminal that cannot show a character gets its escape, not a crash
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli.main(args=arguments, prog_name="headway")
