"""Print rows as a table for people, JSON or CSV for programs, or Markdown for issues."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from headway.cli import invocation
from headway.metrics.serialize import csv_text, json_text
from headway.printable import printable

if TYPE_CHECKING:
    from headway.cli.text_table import Fit, TextTable

Format = Literal["table", "json", "csv", "markdown"]
FORMATS: tuple[Format, ...] = ("table", "json", "csv", "markdown")


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    """The name of the field or key that the column shows."""
    title: str
    show: Callable[[Any], str] | None = None
    """Formats a value. None means the `text` function."""
    right: bool = False
    """Whether the column is right-aligned."""
    fit: Fit = "whole"
    """Whether values can wrap or be shortened in a narrow terminal."""
    hide_first: int = 0
    """In a narrow terminal, the columns with the highest number are hidden first. Columns with 0
    are never hidden.
    """
    when_missing: Callable[[Any], str] | None = None
    """Returns the cell text for a row without a value. None means `–`."""


def emit(rows: Sequence[Any], columns: Sequence[Column], output_format: Format) -> None:
    """Print rows. JSON and CSV contain all fields. Tables and Markdown contain only `columns`."""
    if output_format == "json":
        _echo_data(json_text(rows))
    elif output_format == "csv":
        _echo_data(csv_text(rows, [column.field for column in columns]))
    elif output_format == "markdown":
        click.echo(_markdown(rows, columns))
    else:
        table = _table(rows, columns)
        click.echo(table.text)
        if table.hidden:
            click.echo(f"(not shown: {', '.join(table.hidden)}; --wide shows all)", err=True)


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def _echo_data(data: str) -> None:
    """Print data unchanged, except that control characters are escaped on a terminal."""
    shown = printable(data, keep="\n") if is_terminal() else data
    # Without `color`, click would strip escape sequences if the output is not a terminal.
    click.echo(shown, nl=False, color=True)


def text(value: Any) -> str:
    """Format a value of any type for a table."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1f}"
    return printable(str(value))


def shown_path(path: Path) -> str:
    """Return the shorter of the absolute and relative path, quoted for a shell."""
    relative = os.path.relpath(path)
    return shlex.quote(relative if len(relative) < len(str(path)) else str(path))


def headway_in(folder: Path) -> str:
    """Return the start of a shell command that runs this program in a workspace."""
    program = _this_program()
    return program if folder.resolve() == Path.cwd() else f"{program} -C {shown_path(folder)}"


def headway_here() -> str:
    """Return the start of a shell command that runs this program in the folder of this command."""
    return headway_in(invocation.directory())


def _this_program() -> str:
    """Return the shell words that start this program in the current folder."""
    program = Path(sys.argv[0]).resolve()
    found = shutil.which("headway")
    if found is not None and Path(found).resolve() == program:
        return "headway"
    if program.name == "headway" and os.access(program, os.X_OK):
        return shown_path(program)
    return f"{shlex.quote(sys.executable)} -m headway"


def _shown(row: Any, column: Column) -> str:
    value = row[column.field] if isinstance(row, Mapping) else getattr(row, column.field)
    if value is None and column.when_missing is not None:
        return column.when_missing(row)
    return column.show(value) if column.show is not None else text(value)


def _markdown(rows: Sequence[Any], columns: Sequence[Column]) -> str:
    lines = ["| " + " | ".join(_escaped(printable(column.title)) for column in columns) + " |"]
    lines.append("|" + "|".join(" ---: " if column.right else " --- " for column in columns) + "|")
    for row in rows:
        cells = (_escaped(_shown(row, column)) for column in columns)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _escaped(value: str) -> str:
    for char in "\\`|*_<[":
        value = value.replace(char, f"\\{char}")
    # The zero-width space after each @ prevents a forge from notifying users.
    return value.replace("@", "@\u200b")


def _table(rows: Sequence[Any], columns: Sequence[Column]) -> TextTable:
    from headway.cli.text_table import Heading, render

    headings = [
        Heading(printable(column.title), column.right, column.fit, column.hide_first)
        for column in columns
    ]
    cells = [[_shown(row, column) for column in columns] for row in rows]
    # In a log or pipe, each row is one line of any length, so that `grep` finds whole rows.
    limited = is_terminal() and not invocation.wide()
    return render(headings, cells, shutil.get_terminal_size().columns if limited else None)
