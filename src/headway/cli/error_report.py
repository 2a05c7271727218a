"""Print error messages and crash reports on standard error."""

from __future__ import annotations

import sys
import tempfile
import traceback

import click

from headway.cli import temporary_folder
from headway.printable import printable
from headway.version import __version__


def print_error(message: object) -> None:
    """Print an error message. Escape control characters, which could manipulate the terminal."""
    text = printable(str(message), keep="\n\t")
    click.echo(text if text.startswith("error:") else f"error: {text}", err=True)


def print_crash(error: Exception) -> None:
    """Write the traceback to a temporary file, and ask the user to attach it to a bug report."""
    folder = temporary_folder.outer()
    descriptor, name = tempfile.mkstemp(prefix="headway-crash-", suffix=".txt", dir=folder)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        file.write(f"headway {__version__}, Python {sys.version}\n\n")
        traceback.print_exception(error, file=file)
    print_error(
        f"Headway crashed ({type(error).__name__}); the traceback is in {name}. "
        "Please report this bug and attach the file."
    )
