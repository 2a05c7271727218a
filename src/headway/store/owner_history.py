"""Who owned what over time, read from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from headway.model.repository import Repository
from headway.progress.codeowners import Dialect
from headway.progress.ownership_history import OwnershipHistory, Rules, Since
from headway.store.owner_tables import OwnershipReader
from headway.store.team_codec import teams_of


def ownership_histories(
    store: OwnershipReader,
    repositories: Iterable[Repository],
    team_lists: Sequence[tuple[Since, str]],
    groups: Mapping[str, Sequence[tuple[Since, tuple[str, ...]]]],
) -> dict[str, OwnershipHistory]:
    """By repository key: who owned what, as the store knows it."""
    listed = {each.key: each for each in repositories}
    versions = store.owner_versions(list(listed))
    teams = [(since, teams_of(text)) for since, text in team_lists]
    found = {}
    for key, each in listed.items():
        files: dict[str, list[tuple[Since, str | None]]] = {}
        for version in versions.get(key, ()):
            files.setdefault(version.path, []).append((version.first_day, version.content))
        found[key] = OwnershipHistory(
            Rules(each.name, teams, files, groups.get(key, ()), dialect_of(each))
        )
    return found


def dialect_of(repository: Repository) -> Dialect | None:
    """How its forge reads CODEOWNERS; None for a local repository."""
    return None if repository.link_style == "none" else repository.link_style
