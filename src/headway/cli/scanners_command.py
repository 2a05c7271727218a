"""The `headway scanners` command."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import session
from headway.cli.options import format_option, shared_options
from headway.cli.output import Column, Format, emit, shown_path
from headway.config.problems import likely
from headway.errors import HeadwayError, WorkspaceNotFoundError
from headway.printable import printable

if TYPE_CHECKING:
    from headway.config.scanner_reference import OptionRow, ScannerDetails

_WIDTH = 80
"""The width in columns if the output is not a terminal."""
_COLUMNS = (
    Column("scanner", "scanner"),
    Column("kind", "kind", hide_first=1),
    Column("origin", "from"),
    Column("summary", "finds", fit="wrap"),
)
_OPTION_COLUMNS = (
    Column("option", "option"),
    Column("type", "type"),
    Column("required", "required"),
    Column("default", "default", json.dumps),
    Column("description", "description", fit="wrap"),
)


class NoSuchScannerError(HeadwayError):
    """No scanner has the requested name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no scanner `{name}`; {likely(name, known)}")


@click.command(name="scanners")
@click.argument("name", required=False)
@format_option
@shared_options
def command(name: str | None, output_format: Format) -> None:
    """List the scanners, or show the options of the scanner NAME.

    \b
    content     searches the content of each file
    tree        looks at the paths of the files
    project     reads several files together, such as manifests and lock files
    repository  needs all files of the latest commit; its items have no history
                before the first scan

    A scanner is shipped with Headway, or comes from the scanners/ folder of the workspace or from
    an installed package. With NAME, --format json also contains the JSON Schema of the rules that
    use the scanner.
    """
    from headway.config.scanner_reference import scanner_details, scanner_rows
    from headway.plugins import load_scanners

    folders = _folders()
    scanners = load_scanners(folders)
    for problem in scanners.problems:
        click.echo(f"warning: {printable(str(problem))}", err=True)
    if name is None:
        emit(scanner_rows(scanners, folders), _COLUMNS, output_format)
        return
    if name not in scanners.by_name:
        raise NoSuchScannerError(name, scanners.names)
    details = scanner_details(scanners, folders, name)
    if output_format == "table":
        for line in _lines(details):
            click.echo(line)
    elif output_format == "json":
        emit([details], (), "json")
    else:
        emit(details.options, _OPTION_COLUMNS, output_format)


def _folders() -> tuple[Path, ...]:
    """Return the folders of scanners. Outside a workspace, this is only the shipped folder."""
    from headway.config.workspace import shipped_folder

    try:
        return session.find_workspace().scanners
    except WorkspaceNotFoundError:
        return (shipped_folder() / "scanners",)


def _lines(details: ScannerDetails) -> Iterator[str]:
    """Yield the documentation of a scanner and of each of its options."""
    place = shown_path(Path(details.place)) if Path(details.place).is_file() else details.place
    yield printable(f"{details.scanner}: {details.kind} scanner, {details.origin} ({place})")
    if details.documentation:
        yield ""
        yield from _wrapped(details.documentation)
    if details.needs_paths:
        yield ""
        yield "A rule that uses this scanner must have `paths`."
    yield ""
    if not details.options:
        yield "The scanner has no options."
    for option in details.options:
        yield printable(f"{option.option}: {option.type}; {_default(option)}")
        yield from _wrapped(option.description, "    ")


def _default(option: OptionRow) -> str:
    return "required" if option.required else f"default: {json.dumps(option.default)}"


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    """Wrap paragraphs to the width of the terminal, with an empty line between them."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH
    for number, paragraph in enumerate(text.split("\n\n") if text else ()):
        if number:
            yield ""
        yield from (
            printable(line)
            for line in textwrap.wrap(
                " ".join(paragraph.split()),
                width,
                initial_indent=indent,
                subsequent_indent=indent,
            )
        )
