"""Examine the clones that a new workspace will scan, for `headway init`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import invocation
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.forges.sources.local import LocalSource
    from headway.model.repository import Repository
    from headway.progress.path_owners import Team
    from headway.scan.owner_survey import FoundOwner, UnownedRepository

_SEARCH_TIME = timedelta(minutes=1)
_MOST_FOLDERS = 1_000
"""The maximum number of folders to search for clones at each level."""

_MOST_TEAMS = 50
_MOST_HINTS = 50
_DEFAULT = "clones"


@dataclass(frozen=True, slots=True)
class FirstClones:
    """The sources of a new workspace, and the clones to search before the first scan."""

    sources: Mapping[str, str | None]
    """The values of the source options of `init`, by source name. None means no value."""
    source: LocalSource | None = None
    """The source that lists the clones, or None without clones."""
    repositories: tuple[Repository, ...] = ()


def look(target: Path, options: Mapping[str, str | None]) -> FirstClones:
    """List the clones below the folder of the local source.

    Without a source option, the folder is `clones` in the workspace if it exists. Otherwise, it is
    the workspace or, if that contains no clones, the current folder. If neither contains clones,
    the folder is `clones`, although it does not exist.

    Args:
        target: The workspace folder. It need not exist.
        options: The values of the options by source name.
    """
    from headway.forges.sources.local import LocalSource

    sources = dict(options)
    if not any(sources.values()):
        sources["local"] = _default_path(target)
    elif sources["local"]:
        sources["local"] = _from_workspace(target, sources["local"])
    path = sources["local"]
    if path is None:
        return FirstClones(sources)
    # The operating system cannot resolve `..` if the workspace does not exist yet.
    folder = Path(os.path.normpath(target.absolute() / path))
    if not folder.is_dir():
        return FirstClones(sources)
    source = LocalSource(folder, path)
    try:
        repositories = source.list_repositories().repositories
    except HeadwayError as error:
        click.echo(f"the clones cannot be searched: {error}", err=True)
        return FirstClones(sources)
    return FirstClones(sources, source if repositories else None, repositories)


def present_campaigns(target: Path) -> list[str]:
    """Return the paths of the workspace's existing campaign files, relative to the workspace."""
    return sorted(f"campaigns/{file.name}" for file in (target / "campaigns").glob("*.y*ml"))


def choose_campaign(first: FirstClones, target: Path) -> str | None:
    """Search the clones for matches of the catalogue, and return the ID of a suitable campaign.

    The result is None if there are no clones, they cannot be searched, or no campaign is suitable.

    Args:
        first: The clones to search.
        target: The folder of the new workspace.
    """
    from headway.cli.catalog_suggestions import suggest_first
    from headway.wording.formats import plural

    if first.source is None:
        return None
    repositories = plural(len(first.repositories), "repository", "repositories")
    click.echo(f"searching {repositories} for matches of the campaigns in the catalogue", err=True)
    stop_at = invocation.now() + _SEARCH_TIME
    try:
        return suggest_first(first.source, target, stop_at=stop_at, workers=os.cpu_count() or 1)
    except HeadwayError as error:
        click.echo(f"the clones cannot be searched: {error}", err=True)
        return None


def teams_text(first: FirstClones) -> str:
    """Return the contents of teams.yaml, with the owners that are named by files in the clones."""
    from headway.config import workspace_templates
    from headway.scan.owner_survey import survey_owners

    since = workspace_templates.first_day(invocation.today())
    survey = survey_owners(first.repositories, since)
    hints = list(map(_hint, survey.unowned[:_MOST_HINTS]))
    if len(survey.unowned) > _MOST_HINTS:
        hints.append(f"and {len(survey.unowned) - _MOST_HINTS:,} more")
    return workspace_templates.teams(list(_teams(survey.owners[:_MOST_TEAMS])), hints)


def _hint(entry: UnownedRepository) -> str:
    if entry.author is None:
        return f"{entry.name}: nobody committed in the last year"
    return f"{entry.name}: {entry.author} ({entry.commits:,} of {entry.total:,} commits)"


def _teams(owners: tuple[FoundOwner, ...]) -> Iterator[tuple[Team, str]]:
    """Yield a team for each owner, and the place where the owner was found.

    The team's name is the last part of the owner, such as `payments` of `@acme/payments`, unless
    another owner has the same last part.
    """
    from headway.progress.path_owners import UNOWNED, Team, own_name

    parts = Counter(own_name(owner.name).rpartition("/")[2] for owner in owners)
    for owner in owners:
        full = own_name(owner.name)
        part = full.rpartition("/")[2]
        name = part if part and part != UNOWNED and parts[part] == 1 else full
        if name and name != UNOWNED:
            first, *others = owner.repositories
            places = first if not others else f"{first} and {len(others):,} more"
            yield Team(name, aliases=(owner.name,)), f"named in {places}"


def _default_path(target: Path) -> str:
    here = invocation.directory()
    if not (target / _DEFAULT).is_dir():
        if _has_clones(target):
            return "."
        if target.absolute() != here.absolute() and _has_clones(here):
            return _relative(here, target)
    return _DEFAULT


def _from_workspace(target: Path, path: str) -> str:
    """Convert a path relative to the current folder to one relative to the workspace.

    A path is returned unchanged if it is absolute, names no folder below the current folder, or
    names a folder in the workspace.
    """
    given = invocation.directory() / path
    if Path(path).is_absolute() or not given.is_dir() or (target / path).is_dir():
        return path
    return _relative(given, target)


def _relative(folder: Path, target: Path) -> str:
    return os.path.relpath(folder.resolve(), target.resolve())


def _has_clones(folder: Path) -> bool:
    """Return whether a folder has a clone at most two levels below it and is not itself a clone."""
    from headway.forges.git_folder import find_git_folder

    if not folder.is_dir() or find_git_folder(str(folder)) is not None:
        return False
    folders = [folder]
    for _ in range(2):
        folders = [child for parent in folders for child in _subfolders(parent)][:_MOST_FOLDERS]
        if any(find_git_folder(str(child)) is not None for child in folders):
            return True
    return False


def _subfolders(folder: Path) -> list[Path]:
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        return [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    except OSError:
        return []
