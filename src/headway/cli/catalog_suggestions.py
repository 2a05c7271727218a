"""Search repositories for matches of all catalogue campaigns, for `headway catalog suggest`."""

from __future__ import annotations

import shlex
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import invocation, session
from headway.cli.catalog_command import campaigns_present, shipped_campaigns
from headway.cli.output import Column, Format, emit, headway_here, headway_in, shown_path
from headway.errors import HeadwayError, WorkspaceNotFoundError
from headway.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from headway.config.load import LoadedCampaigns
    from headway.config.workspace import Workspace
    from headway.forges.source import Source
    from headway.metrics.suggestions import Choice, Suggestion
    from headway.model.tip_findings import Trial
    from headway.scan.request import ScanRequest

_UNKNOWN_SHOWN = 5
_FIRST_SHOWN = 10


class NoClonesError(HeadwayError):
    """The folder of clones contains no repositories."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"there are no git repositories below {folder}; name a folder of clones, or run "
            "`headway init` to list the repositories of a forge."
        )


_COLUMNS = (
    Column("campaign", "campaign"),
    Column("items", "items", "{:,}".format, right=True),
    Column("repositories", "in", "{:,}".format, right=True),
    Column("deadline", "deadline"),
    Column("added", "added", hide_first=2),
    Column("title", "title", fit="wrap", hide_first=1),
)


def suggest(folder: Path | None, output_format: Format, *, fetch: bool, workers: int) -> bool:
    """Search the tips and print suggestions. Return whether everything was searched.

    Args:
        folder: A folder of clones. None means the sources of the workspace or, outside a workspace,
            the current folder.
        output_format: The output format.
        fetch: Whether to list the forges again and fetch missing commits.
        workers: The number of worker processes.
    """
    from headway.metrics.suggestions import suggestions

    workspace, loaded = _workspace(), shipped_campaigns()
    with tempfile.TemporaryDirectory(prefix="headway-suggest-") as scratch:
        request = replace(_request(workspace, loaded, Path(scratch)), workers=workers, fetch=fetch)
        trial = _search(workspace, folder, request)
    rows = suggestions(
        loaded.campaigns, trial, today=request.today, present=campaigns_present(workspace)
    )
    emit(rows, _COLUMNS, output_format)
    if output_format == "table":
        _print_notes(rows, len(loaded.campaigns), trial)
        _print_next(rows, workspace, folder)
    return trial.is_complete


def suggest_first(
    repositories: Source, target: Path, *, stop_at: datetime, workers: int
) -> str | None:
    """Search a source for a limited time, print some suggestions, and return the best campaign.

    The result is the campaign's ID, or None if no campaign is suitable.

    Args:
        repositories: The source to search.
        target: The folder of the new workspace.
        stop_at: The time after which no further repository is searched.
        workers: The number of worker processes.
    """
    from headway.cli.progress_bar import ProgressBar
    from headway.metrics.suggestions import first_choice, suggestions
    from headway.scan.tip_search import search_tip_together
    from headway.scan.trial import try_campaign

    loaded = shipped_campaigns()
    with (
        tempfile.TemporaryDirectory(prefix="headway-suggest-") as scratch,
        ProgressBar() as progress,
    ):
        request = replace(
            _request(None, loaded, Path(scratch)),
            sources=(repositories,),
            workers=workers,
            fetch=False,
            stop_at=stop_at,
            progress=progress,
        )
        trial = try_campaign(request, Path(scratch) / "mirrors", search_tip_together)
    rows = suggestions(loaded.campaigns, trial, today=request.today, present=())
    required_only = {campaign.id for campaign in loaded.campaigns if not campaign.deprecated}
    choice = first_choice(rows, required_only)
    _print_first(rows, choice, target)
    _print_counts(rows, len(loaded.campaigns), trial)
    if trial.unsearched:
        click.echo(f"not searched: {len(trial.unsearched):,}", err=True)
    if choice is None:
        return None
    chosen = choice.suggestion.campaign
    click.echo(
        f"\nThe first campaign of the workspace is `{chosen}`, because {choice.reason}.", err=True
    )
    if len(rows) > 1:
        file = shown_path(target / "campaigns" / f"{chosen}.yaml")
        click.echo(
            f"To use another campaign, run `{headway_in(target)} catalog add CAMPAIGN`.\n"
            f"You can then delete {file}.",
            err=True,
        )
    click.echo(err=True)
    return chosen


def _print_first(rows: Sequence[Suggestion], choice: Choice | None, target: Path) -> None:
    """Print the first suggestions, and a command that shows the others."""
    shown = list(rows[:_FIRST_SHOWN])
    if choice is not None and choice.suggestion not in shown:
        shown[-1] = choice.suggestion
    if shown:
        emit(shown, [column for column in _COLUMNS if column.field != "added"], "table")
    if len(rows) > len(shown):
        click.echo(
            f"… and {len(rows) - len(shown):,} more; `{headway_in(target)} catalog suggest` "
            "shows all",
            err=True,
        )


def _request(workspace: Workspace | None, loaded: LoadedCampaigns, scratch: Path) -> ScanRequest:
    """Return a request with the rules of all campaigns but without sources."""
    from headway.config.workspace import shipped_folder
    from headway.metrics.suggestions import merged, merged_reasons
    from headway.model.limits import DEFAULT_LIMITS
    from headway.plugins import load_scanners
    from headway.scan.request import ScanRequest

    folders = (shipped_folder() / "scanners",)
    return ScanRequest(
        campaigns=(merged(loaded.campaigns),),
        scanners=load_scanners(folders),
        scanner_folders=folders,
        sources=(),
        store=scratch / "headway.duckdb",
        mirrors=workspace.settings.mirrors if workspace else scratch / "forges",
        today=invocation.today(),
        clock=invocation.now,
        broken=merged_reasons(loaded.broken),
        limits=workspace.settings.limits if workspace else DEFAULT_LIMITS,
        allow_loopback_http=invocation.allows_loopback_http(),
    )


def _search(workspace: Workspace | None, folder: Path | None, request: ScanRequest) -> Trial:
    """Search the tips of all repositories.

    Raises:
        NoClonesError: The folder of clones contains no repositories.
    """
    from headway.cli.progress_bar import ProgressBar
    from headway.scan.request import NothingListedError
    from headway.scan.tip_search import search_tip_together
    from headway.scan.trial import try_campaign

    with ProgressBar() as progress:
        sources = _sources(workspace, folder, progress.waiting, fetch=request.fetch)
        try:
            return try_campaign(
                replace(request, sources=sources, progress=progress),
                request.store.with_name("mirrors"),
                search_tip_together,
            )
        except NothingListedError:
            if workspace is not None and folder is None:
                raise
            raise NoClonesError(_folder(folder)) from None


def _workspace() -> Workspace | None:
    with suppress(WorkspaceNotFoundError):
        return session.find_workspace()
    return None


def _sources(
    workspace: Workspace | None,
    folder: Path | None,
    on_wait: Callable[[str, datetime], None],
    *,
    fetch: bool,
) -> tuple[Source, ...]:
    from headway.cli.trial_sources import trial_sources
    from headway.forges.sources.local import LocalSource

    if workspace is not None and folder is None:
        return trial_sources(workspace, on_wait, fetch=fetch)
    chosen = _folder(folder)
    if not chosen.is_dir():
        raise NoClonesError(chosen)
    return (LocalSource(chosen, str(folder or chosen.name)),)


def _folder(folder: Path | None) -> Path:
    """Return the absolute path of the folder of clones."""
    return (invocation.directory() / (folder or "")).absolute()


def _print_notes(rows: Sequence[Suggestion], campaigns: int, trial: Trial) -> None:
    """Print how much was searched, and what could not be searched."""
    _print_counts(rows, campaigns, trial)
    left_out = sum(trial.outside.values())
    if left_out:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in trial.outside.items())
        click.echo(printable(f"not searched: {left_out:,} ({reasons})"), err=True)
    for entry in trial.unsearched[:_UNKNOWN_SHOWN]:
        click.echo(printable(f"unknown: {entry.name}: {entry.reason}"), err=True)
    if len(trial.unsearched) > _UNKNOWN_SHOWN:
        click.echo(f"and {len(trial.unsearched) - _UNKNOWN_SHOWN:,} more unknown", err=True)
    unread = [
        (repository.name, path, reason)
        for repository, findings in trial.searched
        for rule in findings.rules
        for path, reason in rule.unread
    ]
    for name, path, reason in list(dict.fromkeys(unread))[:_UNKNOWN_SHOWN]:
        click.echo(printable(f"unknown: {name}: {path} could not be read: {reason}"), err=True)
    for problem in trial.problems:
        click.echo(printable(f"incomplete: {problem}"), err=True)
    if any(entry.lacks_mirror for entry in trial.unsearched):
        click.echo("`headway catalog suggest --fetch` fetches the missing files", err=True)


def _print_counts(rows: Sequence[Suggestion], campaigns: int, trial: Trial) -> None:
    from headway.wording.formats import plural

    repositories = plural(len(trial.searched), "repository", "repositories")
    click.echo(
        f"\n{len(rows):,} of {campaigns:,} campaigns in the catalogue find something in "
        f"{repositories}.",
        err=True,
    )


def _print_next(
    rows: Sequence[Suggestion], workspace: Workspace | None, folder: Path | None
) -> None:
    """Print the command that adds the first suggestion not yet in the workspace."""
    first = next((row.campaign for row in rows if not row.added), None)
    if first is None:
        return
    click.echo("\nNext:", err=True)
    if workspace is None:
        # A relative path would be relative to the new workspace, so print the absolute path.
        clones = shlex.quote(str(_folder(folder)))
        click.echo(
            f"  {headway_here()} init my-campaigns --local {clones} --campaign {first}", err=True
        )
        return
    click.echo(f"  {headway_in(workspace.root)} try {first}", err=True)
    click.echo(f"  {headway_in(workspace.root)} catalog add {first}", err=True)
