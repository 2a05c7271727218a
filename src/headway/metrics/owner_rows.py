"""The owners of paths, and the rules that name these owners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.metrics.records import TeamContact
from headway.model.repository import Repository
from headway.progress.path_owners import Decision, Owners, Team
from headway.store.owner_history import ownership_histories
from headway.store.store_reader import Store
from headway.store.team_codec import teams_of, teams_text


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """The owner of a path, and the rule that names the owner."""

    repository: str
    path: str | None
    """The path or pattern, or None for all paths that no other rule matches."""
    team: str
    by: str
    """The source of the rule, such as `teams.yaml` or `CODEOWNERS`."""
    rule: str
    """The rule as written in its file, with the line number if it has one."""
    owners: tuple[str, ...]
    """The owners as spelled in the rule."""
    lead: str | None
    """The team's lead, or None if `teams.yaml` does not name one."""
    channel: str | None
    """The team's channel, or None if `teams.yaml` does not name one."""


def contacts(store: Store) -> tuple[TeamContact, ...]:
    """Return the teams in `teams.yaml` as of the last scan, sorted by name."""
    lists = store.ownership.team_lists()
    teams = teams_of(lists[-1][1]) if lists else ()
    found = [TeamContact(team.name, team.lead, team.channel) for team in teams]
    return tuple(sorted(found, key=lambda contact: contact.team))


def owners(store: Store, teams: Sequence[Team], place: str) -> list[OwnerRow]:
    """Return the owners of a repository or path, from `teams` and scanned owner files.

    For a repository, the result has one row for each rule that names paths, and a final row for all
    other paths. The result is empty if no repository or path matches `place`.

    Args:
        store: The store.
        teams: The current teams of the workspace.
        place: A repository's name, `REPOSITORY/PATH` or `REPOSITORY:PATH`. A path without a
            repository is looked up in all repositories that have or had an item at that path.
    """
    known = sorted(
        (
            record.listed
            for record in store.repositories.records().values()
            if record.gone_on is None
        ),
        key=lambda listed: (-len(listed.name), listed.name),
    )
    for listed in known:
        if place == listed.name:
            return _of_repository(_owners(store, teams, listed), listed)
        if place.startswith((f"{listed.name}/", f"{listed.name}:")):
            path = place[len(listed.name) + 1 :].lstrip("/")
            return [_row(teams, listed, path, _owners(store, teams, listed).of(path))]
    having = set(store.items.repositories_with(place))
    rows = [
        _row(teams, listed, place, _owners(store, teams, listed).of(place))
        for listed in known
        if listed.key in having
    ]
    return sorted(rows, key=lambda row: row.repository)


def _owners(store: Store, teams: Sequence[Team], listed: Repository) -> Owners:
    groups = {listed.key: [(None, listed.groups)]}
    histories = ownership_histories(store.ownership, [listed], [(None, teams_text(teams))], groups)
    return histories[listed.key].now


def _of_repository(owners: Owners, listed: Repository) -> list[OwnerRow]:
    teams = owners.teams
    return [_row(teams, listed, pattern, decision) for pattern, decision in owners.by_pattern()]


def _row(
    teams: Sequence[Team], listed: Repository, path: str | None, decision: Decision
) -> OwnerRow:
    team = next((team for team in teams if team.name == decision.team), None)
    return OwnerRow(
        repository=listed.name,
        path=path,
        team=decision.team,
        by=decision.by,
        rule=decision.rule,
        owners=decision.owners,
        lead=team.lead if team else None,
        channel=team.channel if team else None,
    )
