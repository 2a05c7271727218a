"""Rows to text: a table for people, JSON and CSV for programs, Markdown for issues."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click

from headway.metrics.serialize import csv_text, json_text
from headway.printable import printable

Format = Literal["table", "json", "csv", "markdown"]
FORMATS: tuple[Format, ...] = ("table", "json", "csv", "markdown")


def _remembered(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str:  # noqa: ARG001 - click's signature
    """What was said after the verb, else before it or in the environment, else a table."""
    before: str | None = ctx.find_root().ensure_object(dict).get("format")
    return value or before or "table"


format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    allow_from_autoenv=False,
    callback=_remembered,
    help="How to print the rows.  [default: table]",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. show: the value as text; None: as it is.

    instead: what to show of the row where the value is None. right, flexible: see
    `table.Heading`.
    """

    field: str
    title: str
    show: Callable[[Any], str] | None = None
    right: bool = False
    flexible: bool = False
    instead: Callable[[Any], str] | None = None


def emit(rows: Sequence[Any], columns: Sequence[Column], output_format: Format) -> None:
    """Prints records: all their fields as JSON or CSV, `columns` as a table or Markdown."""
    if output_format == "json":
        _lossless(json_text(rows))
    elif output_format == "csv":
        _lossless(csv_text(rows, [column.field for column in columns]))
    elif output_format == "markdown":
        click.echo(_markdown(rows, columns))
    else:
        click.echo(_table(rows, columns))


def _lossless(data: str) -> None:
    """Every character as it is, except where a terminal would take it for an order."""
    shown = printable(data, keep="\n") if sys.stdout.isatty() else data
    # without `color`, echo takes out what looks like an escape sequence
    click.echo(shown, nl=False, color=True)


def text(value: Any) -> str:
    """Any value of a row in a table."""
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
    """As short as it can be typed from here, and safe to paste into a shell."""
    relative = os.path.relpath(path)
    return shlex.quote(relative if len(relative) < len(str(path)) else str(path))


def _shown(row: Any, column: Column) -> str:
    value = row[column.field] if isinstance(row, Mapping) else getattr(row, column.field)
    if value is None and column.instead is not None:
        return column.instead(row)
    return column.show(value) if column.show is not None else text(value)


def _markdown(rows: Sequence[Any], columns: Sequence[Column]) -> str:
    lines = ["| " + " | ".join(column.title for column in columns) + " |"]
    lines.append("|" + "|".join(" ---: " if column.right else " --- " for column in columns) + "|")
    for row in rows:
        cells = (_escaped(_shown(row, column)) for column in columns)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _escaped(value: str) -> str:
    for char in "\\`|*_<[":
        value = value.replace(char, f"\\{char}")
    # nobody is to be notified by a line of somebody's code
    return value.replace("@", "@\u200b")


def _table(rows: Sequence[Any], columns: Sequence[Column]) -> str:
    from headway.cli.text_table import Heading, render

    headings = [Heading(column.title, column.right, column.flexible) for column in columns]
    cells = [[_shown(row, column) for column in columns] for row in rows]
    # a log or a pipe has no width; nothing is to be cut there
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return render(headings, cells, width)
