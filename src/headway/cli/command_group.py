"""The click group that loads commands on demand and turns errors into exit codes."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import Any

import click
from click.core import ParameterSource

from headway.cli import exit_codes, signals
from headway.cli.error_report import print_crash, print_error
from headway.errors import HeadwayError

COMMANDS = {
    "burndown": "Show the burndown and ledger of a campaign",
    "catalog": "List, search and add the campaigns that come with Headway",
    "demo": "Create a demo organisation, scan it and build its site",
    "digest": "Summarise what changed, why, and who must act",
    "doctor": "Check git, tokens, repositories and disk space",
    "exemptions": "List the exemptions with their expiry dates",
    "export": "Export the whole history as Parquet",
    "forecast": "Forecast when a campaign will finish",
    "import": "Create the store from an export",
    "init": "Create a workspace",
    "items": "List the places in the code that must change",
    "owners": "Show who owns a path or repository, and why",
    "query": "Query the history with read-only SQL",
    "report": "Build the static site",
    "repositories": "List repositories and their campaigns",
    "scan": "Scan the repositories and record what is found",
    "scanners": "List the scanners and their options",
    "schema": "Print the JSON Schema of campaign files",
    "serve": "Preview the site on this machine",
    "status": "Show the progress, forecast and health of each campaign",
    "try": "Show what a campaign finds, without recording it",
    "validate": "Check the workspace for errors",
}
"""Maps each command's name to its summary. The command's module is `NAME_command`."""


class CommandGroup(click.Group):
    """A group that loads the module of a command only when the command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"headway.cli.{cmd_name}_command")
        command = module.command
        assert isinstance(command, click.Command)
        _set_variable_names(command, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        # The summaries come from COMMANDS, so --help does not import the modules of the commands.
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(
                f"{error.message} Available commands: {', '.join(sorted(COMMANDS))}.", ctx
            ) from None
        parameters = command.params if command is not None else []
        has_format = any(parameter.name == "output_format" for parameter in parameters)
        if ctx.get_parameter_source("format") == ParameterSource.COMMANDLINE and not has_format:
            raise click.UsageError(f"`headway {name}` has no --format option; remove it.", ctx)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return self._invoke_and_report(ctx)
            finally:
                # The command has ended, so a later signal must not change its exit code.
                signals.ignore()
        except KeyboardInterrupt:
            # The signal may have arrived just before or during `ignore` above.
            signals.ignore()
            print_error("interrupted; no partial results were saved.")
            ctx.exit(signals.exit_code() or exit_codes.INTERRUPTED)

    def _invoke_and_report(self, ctx: click.Context) -> Any:
        try:
            return self._invoke(ctx)
        except HeadwayError as error:
            print_error(error)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            # The reader of the output, such as `head`, has closed the pipe. Without this
            # redirection, Python would flush standard output at exit and fail again.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(exit_codes.OK)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001 - nothing above this handles it
            print_crash(error)
            ctx.exit(exit_codes.ERROR)

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            signals.listen()
            return super().invoke(ctx)
        except Exception as error:
            # DuckDB turns a KeyboardInterrupt from a signal handler into a RuntimeError.
            if signals.exit_code() is not None:
                raise KeyboardInterrupt from error
            raise


def _set_variable_names(command: click.Command, name: str) -> None:
    """Name environment variables after options, such as HEADWAY_SCAN_REPOSITORY.

    By default, click names a variable after the function's parameter. The variable for the
    `--repository` option would then be HEADWAY_SCAN_REPOSITORIES.
    """
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.allow_from_autoenv:
            longest = max(parameter.opts, key=len).lstrip("-")
            parameter.envvar = f"HEADWAY_{name}_{longest}".replace("-", "_").upper()
    if isinstance(command, click.Group):
        for inner_name, inner in command.commands.items():
            _set_variable_names(inner, f"{name}_{inner_name}")
