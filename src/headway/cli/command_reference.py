"""docs/commands.md from the commands themselves: `python -m headway.cli.command_reference FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.application import COMMANDS, cli

_HEAD = """\
# Commands

<!-- Written by `python3 tasks.py docs`; a test compares it with the commands. -->

Standard output is data; everything said about it goes to standard error. `-C`, `--today` and, where
there is something to list, `--format` are taken before the verb and after it; the later one counts.

## Exit codes

| code | meaning |
| ---: | --- |
| 0 | done, and everything could be seen |
| 1 | an error that you can put right: one sentence says where it is and what to do next |
| 2 | the command was not written as it is to be |
| 3 | done, but something is unknown: a listing is incomplete or a repository could not be read |
| 4 | a gate that an option asked for did not hold |
| 130, 143 | interrupted by Ctrl-C, or asked to end (SIGTERM); nothing half done was kept |

A fault of Headway itself is code 1 too: its traceback is put into a file, and the message says
where that is.

## Environment variables

What is written on the command line wins over a variable.

"""

_COLUMNS = 80


def reference() -> str:
    """The page: exit codes, variables, and the help of every verb as it is printed."""
    root = click.Context(
        cli,
        info_name="headway",
        terminal_width=_COLUMNS,
        help_option_names=cli.context_settings["help_option_names"],
    )
    parts = [_HEAD + _variables(root), _help(root, "headway")]
    for verb in sorted(COMMANDS):
        command = cli.get_command(root, verb)
        assert command is not None
        context = click.Context(command, info_name=verb, parent=root)
        parts.append(_help(context, f"headway {verb}"))
    return "\n".join(parts)


def _help(context: click.Context, title: str) -> str:
    return f"## {title}\n\n```text\n{context.get_help()}\n```\n"


def _variables(root: click.Context) -> str:
    lines = ["| variable | option |", "| --- | --- |"]
    for parameter in cli.params:
        if not isinstance(parameter, click.Option) or parameter.hidden:
            continue
        if parameter.allow_from_autoenv:
            variable = f"HEADWAY_{parameter.name}".upper()
            lines.append(f"| `{variable}` | `{parameter.opts[-1]}`, of every verb |")
    for verb in sorted(COMMANDS):
        command = cli.get_command(root, verb)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.envvar:
                option = f"`{parameter.opts[-1]}` of `{verb}`"
                lines.append(f"| `{parameter.envvar}` | {option} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), "utf-8")
