"""Build the ownership histories of repositories from recorded owner files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from headway.model.repository import Repository
from headway.progress.codeowners import Dialect
from headway.progress.ownership_history import OwnershipHistory, Rules, Since
from headway.store.ownership_tables import OwnershipTables
from headway.store.team_codec import teams_of


def ownership_histories(
    ownership: OwnershipTables,
    repositories: Iterable[Repository],
    team_lists: Sequence[tuple[Since, str]],
    groups: Mapping[str, Sequence[tuple[Since, tuple[str, ...]]]],
) -> dict[str, OwnershipHistory]:
    """Return the owners of each repository's paths over time, by repository key.

    Args:
        ownership: The recorded owner files.
        repositories: The repositories to look up.
        team_lists: (First day, encoded teams) of each version of teams.yaml, oldest first.
        groups: (First day, owning groups on the forge) by repository key, oldest first.
    """
    listed = {repository.key: repository for repository in repositories}
    versions = ownership.versions(list(listed))
    teams = [(since, teams_of(text)) for since, text in team_lists]
    histories = {}
    for key, repository in listed.items():
        files: dict[str, list[tuple[Since, str | None]]] = {}
        for version in versions.get(key, ()):
            files.setdefault(version.path, []).append((version.first_day, version.content))
        histories[key] = OwnershipHistory(
            Rules(repository.name, teams, files, groups.get(key, ()), forge_dialect(repository))
        )
    return histories


def forge_dialect(repository: Repository) -> Dialect | None:
    """Return the CODEOWNERS dialect of a repository's forge, or None for a local repository."""
    return None if repository.link_style == "none" else repository.link_style
