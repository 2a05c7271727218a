"""Print error messages and crash reports on standard error."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback

import click

from headway.cli import temporary_folder
from headway.errors import CannotWriteError
from headway.printable import printable
from headway.version import __version__

_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def print_error(message: object) -> None:
    """Print an error message, with control characters escaped to protect the terminal."""
    text = printable(str(message), keep="\n\t")
    click.echo(text if text.startswith("error:") else f"error: {text}", err=True)


def print_warning(message: str) -> None:
    """Print a warning, with control characters escaped."""
    click.echo(f"warning: {printable(message)}", err=True)


def print_crash(error: Exception) -> None:
    """Write the traceback to a temporary file, and ask the user to attach it to a bug report.

    If the error means that a disk is full or read-only, or that a quota is exceeded, print only an
    error message. If no temporary file can be created, print the traceback.
    """
    if isinstance(error, OSError) and error.errno in _CANNOT_WRITE:
        place = error.filename or tempfile.gettempdir()
        print_error(CannotWriteError(os.fsdecode(place), error.strerror))
        return
    folder = temporary_folder.outer()
    try:
        descriptor, name = tempfile.mkstemp(prefix="headway-crash-", suffix=".txt", dir=folder)
    except OSError as failure:
        traceback.print_exception(error)
        print_error(
            f"Headway crashed ({type(error).__name__}), and the traceback above could not be "
            f"written to a file ({failure.strerror}). Please report this bug."
        )
        return
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        file.write(f"headway {__version__}, Python {sys.version}\n\n")
        traceback.print_exception(error, file=file)
    print_error(
        f"Headway crashed ({type(error).__name__}); the traceback is in {name}. "
        "Please report this bug and attach the file."
    )
