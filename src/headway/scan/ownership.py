"""Who owns what as a scan finds it: the rules, and the day from which each is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TypeVar

from headway.forges.interface import Repository
from headway.progress.codeowners import Dialect
from headway.progress.ownership import Team
from headway.progress.tenure import Rules, Since, Tenures
from headway.store.ownership import OwnershipReader
from headway.store.records import RepositoryRecord

_State = TypeVar("_State")


class Ownership:
    """The rules over all repositories, brought up to today.

    What git says of owners has its day from git. The teams of the workspace and the groups of a
    forge are known only at scans: what the first one finds counts from the beginning.
    """

    def __init__(
        self,
        store: OwnershipReader,
        teams: Sequence[Team],
        records: Mapping[str, RepositoryRecord],
        today: date,
    ) -> None:
        self._store = store
        self._records = records
        self.team_lists = since_today(store.team_lists(), teams_text(teams), today)
        known = store.owner_groups()
        self.groups = {
            key: since_today(known.get(key, ()), record.listed.groups, today)
            for key, record in records.items()
            if record.listed.groups or key in known
        }
        self._files = store.owner_digests()
        self._teams_digest = _digest(self.team_lists)

    def name(self, repository: str) -> str:
        """What the repository of this key is called now."""
        return self._records[repository].listed.name

    def digest(self, repository: str) -> str:
        """Changes whenever the owners of anything in a repository may."""
        listed = self._records[repository].listed
        groups = self.groups.get(repository, ())
        files = self._files.get(repository, "")
        return _digest([self._teams_digest, listed.name, listed.link_style, groups, files])

    def tenures(self, repositories: Sequence[str]) -> dict[str, Tenures]:
        """Who owned what in each of them."""
        return tenures_of(
            self._store,
            [self._records[key].listed for key in repositories],
            self.team_lists,
            self.groups,
        )


def tenures_of(
    store: OwnershipReader,
    repositories: Iterable[Repository],
    team_lists: Sequence[tuple[Since, str]],
    groups: Mapping[str, Sequence[tuple[Since, tuple[str, ...]]]],
) -> dict[str, Tenures]:
    """By repository key: who owned what, as the store knows it."""
    listed = {each.key: each for each in repositories}
    versions = store.owner_versions(list(listed))
    teams = [(since, teams_of(text)) for since, text in team_lists]
    found = {}
    for key, each in listed.items():
        files: dict[str, list[tuple[Since, str | None]]] = {}
        for version in versions.get(key, ()):
            files.setdefault(version.path, []).append((version.first_day, version.content))
        found[key] = Tenures(Rules(each.name, teams, files, groups.get(key, ()), dialect_of(each)))
    return found


def dialect_of(repository: Repository) -> Dialect | None:
    """How its forge reads CODEOWNERS; None for a local repository."""
    return None if repository.link_style == "none" else repository.link_style


def since_today(
    states: Sequence[tuple[Since, _State]], now: _State, today: date
) -> list[tuple[Since, _State]]:
    """The states with today's at the end: of a day only the last one counts."""
    kept = [state for state in states if state[0] is None or state[0] < today]
    if not kept:
        return [(None, now)]
    return kept if kept[-1][1] == now else [*kept, (today, now)]


def teams_text(teams: Sequence[Team]) -> str:
    """Teams as the store keeps them."""
    return json.dumps([asdict(team) for team in teams], ensure_ascii=False, sort_keys=True)


def teams_of(text: str) -> tuple[Team, ...]:
    """The inverse of `teams_text`."""
    return tuple(
        Team(
            entry["name"],
            entry["lead"],
            entry["channel"],
            tuple(entry["repositories"]),
            tuple(entry["paths"]),
            tuple(entry["aliases"]),
        )
        for entry in json.loads(text)
    )


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:32]
