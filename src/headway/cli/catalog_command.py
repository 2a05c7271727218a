"""The `headway catalog` command."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from headway.cli import exit_codes, invocation, session
from headway.cli.options import format_option, jobs_option, shared_options
from headway.cli.output import Column, Format, emit, headway_here, headway_in, shown_path
from headway.errors import CannotWriteError, HeadwayError, WorkspaceNotFoundError
from headway.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from headway.config.load import LoadedCampaigns
    from headway.config.workspace import Workspace
    from headway.model.campaign import Campaign

_ROWS = (
    Column("campaign", "campaign"),
    Column("title", "title", fit="wrap"),
    Column("deadline", "deadline"),
    Column("added", "added", hide_first=1),
)


class AlreadyThereError(HeadwayError):
    """A campaign cannot be added because a file with its name already exists."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{shown_path(path)} already exists, so nothing was changed; rename or remove it, and "
            "add the campaign again."
        )


class CatalogueRow(NamedTuple):
    """A campaign in the catalogue."""

    campaign: str
    title: str
    summary: str
    guide: str | None
    deadline: date | None
    """The next due date of the campaign or a milestone, or the last one if all dates have passed.
    None if there is no due date.
    """
    deadline_of: str | None
    """The name of the milestone with this due date, or None for the campaign's own due date."""
    scanners: tuple[str, ...]
    added: bool
    """Whether the workspace already has a campaign with this name."""


@click.group(name="catalog", invoke_without_command=True)
@format_option
@shared_options
@click.pass_context
def command(context: click.Context, output_format: Format) -> None:
    """List, search and add the campaigns that come with Headway.

    Without a subcommand, the command lists the catalogue. `headway catalog suggest` shows which
    campaigns would find something in your repositories.
    """
    if context.invoked_subcommand is None:
        _list(output_format)
    else:
        invocation.remember_format(context, output_format)


@command.command(name="list")
@format_option
@shared_options
def list_command(output_format: Format) -> None:
    """List the campaigns in the catalogue.

    The deadline is the next due date of the campaign or of a milestone; if all dates have passed,
    it is the last one. `added` shows whether the workspace has a campaign with this name.
    """
    _list(output_format)


@command.command(name="search")
@click.argument("words", nargs=-1, required=True)
@format_option
@shared_options
def search_command(words: tuple[str, ...], output_format: Format) -> None:
    """List the campaigns that contain all WORDS.

    The words may occur in the ID, the title, the summary, the names of milestones, and the rules
    with their options. Case does not matter.
    """
    _list(output_format, words)


@command.command(name="show")
@click.argument("campaign")
@shared_options
def show_command(campaign: str) -> None:
    """Print the file of CAMPAIGN."""
    from headway.config.catalogue import catalogue_file

    file = catalogue_file(campaign)
    click.echo(printable(file.read_text("utf-8"), keep="\n"), nl=False)
    click.echo(
        f"\nNext:\n  {headway_here()} try {campaign}   # show what it finds\n"
        f"  {headway_here()} catalog add {campaign}   # copy it into the workspace",
        err=True,
    )


@command.command(name="add")
@click.argument("campaigns", nargs=-1, required=True)
@shared_options
def add_command(campaigns: tuple[str, ...]) -> None:
    """Copy CAMPAIGNS into the workspace, where you can edit them.

    A comment in each copy states its origin. Existing files are never changed.
    """
    from headway.config.catalogue import catalogue_file, copied_text
    from headway.config.workspace_templates import SCHEMA_NAME
    from headway.version import __version__

    workspace = session.find_workspace()
    names = list(dict.fromkeys(campaigns))
    texts = {name: catalogue_file(name).read_text("utf-8") for name in names}
    for name in names:
        for ending in (".yaml", ".yml"):
            path = workspace.campaigns / f"{name}{ending}"
            if path.exists() or path.is_symlink():
                raise AlreadyThereError(path)
    has_schema = (workspace.campaigns / SCHEMA_NAME).is_file()
    for name, text in texts.items():
        path = workspace.campaigns / f"{name}.yaml"
        _write(path, copied_text(name, text, __version__, invocation.today(), schema=has_schema))
        click.echo(f"written  {shown_path(path)}")
    click.echo(
        "\nNext: review `starts`, and set `due` and `owner` in the file"
        f"{'s' if len(names) > 1 else ''}, then run\n"
        f"  {headway_in(workspace.root)} try {names[0]}\n"
        f"  {headway_in(workspace.root)} scan {' '.join(names)}",
        err=True,
    )


@command.command(name="suggest")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--fetch/--no-fetch",
    default=False,
    show_default=True,
    help="Whether to list the repositories of forges again and fetch missing files.",
)
@jobs_option(default="one per processor")
@format_option
@shared_options
def suggest_command(
    folder: Path | None, fetch: bool, jobs: int | None, output_format: Format
) -> None:
    """Show which campaigns would find something in your repositories.

    The command searches the latest commits of all repositories for matches of all campaigns in the
    catalogue. It records nothing, and works before the first scan.

    DIR may be any folder of clones. Without DIR, the command searches the repositories of the
    workspace or, outside a workspace, those below the current folder.

    \b
    items     number of open items that a first scan would find
    in        number of repositories with such items
    deadline  next due date of the campaign or of a milestone; if all dates have passed,
              the last one
    added     whether the workspace has a campaign with this name

    The exit code is 3 if a repository or a file could not be searched.
    """
    from headway.cli.catalog_suggestions import suggest

    if not suggest(folder, output_format, fetch=fetch, workers=jobs or os.cpu_count() or 1):
        raise click.exceptions.Exit(exit_codes.UNKNOWN)


def campaigns_present(workspace: Workspace | None) -> set[str]:
    """Return the names of a workspace's campaign files, without their extensions.

    The result is empty if there is no workspace, or if its campaigns folder is the catalogue
    itself.
    """
    from headway.config.catalogue import catalogue_folder

    if workspace is None or not workspace.campaigns.is_dir():
        return set()
    if workspace.campaigns.resolve() == catalogue_folder().resolve():
        return set()
    return {file.stem for file in workspace.campaigns.iterdir() if file.suffix in (".yaml", ".yml")}


def shipped_campaigns() -> LoadedCampaigns:
    """Load the catalogue with the shipped scanners."""
    from headway.config.catalogue import load_catalogue
    from headway.config.workspace import shipped_folder
    from headway.plugins import load_scanners

    return load_catalogue(load_scanners((shipped_folder() / "scanners",)))


def _list(output_format: Format, words: Sequence[str] = ()) -> None:
    from headway.config.catalogue import matches_words

    workspace = None
    with suppress(WorkspaceNotFoundError):
        workspace = session.find_workspace()
    present, campaigns = campaigns_present(workspace), shipped_campaigns().campaigns
    rows = [_row(campaign, present) for campaign in campaigns if matches_words(campaign, words)]
    emit(rows, _ROWS, output_format)
    if output_format == "table" and not rows:
        click.echo(
            "no campaign contains these words; `headway catalog list` shows all campaigns", err=True
        )
    elif output_format == "table":
        click.echo(
            f"\n{len(rows):,} campaign{'' if len(rows) == 1 else 's'}. To see which of them find "
            f"something here, run\n  {headway_here()} catalog suggest",
            err=True,
        )


def _row(campaign: Campaign, present: set[str]) -> CatalogueRow:
    from headway.metrics.suggestions import deadline_of

    deadline, name = deadline_of(campaign, invocation.today())
    return CatalogueRow(
        campaign.id,
        campaign.title,
        campaign.summary,
        campaign.guide,
        deadline,
        name,
        tuple(sorted({rule.scanner for rule in campaign.rules})),
        campaign.id in present,
    )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise AlreadyThereError(path) from None
    except OSError as error:
        raise CannotWriteError(path, error.strerror or error) from error
