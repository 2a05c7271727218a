"""Who owns what as a scan finds it: the rules, and the day from which each is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from headway.model.store_records import RepositoryRecord
from headway.progress.ownership_history import OwnershipHistory, Since
from headway.progress.path_owners import Team
from headway.store.owner_history import ownership_histories
from headway.store.ownership_tables import OwnershipTables
from headway.store.team_codec import teams_text

_State = TypeVar("_State")


class Ownership:
    """The rules over all repositories, brought up to today.

    What git says of owners has its day from git. The teams of the workspace and the groups of a
    forge are known only at scans: what the first one finds counts from the beginning.
    """

    def __init__(
        self,
        recorded: OwnershipTables,
        teams: Sequence[Team],
        repositories: Mapping[str, RepositoryRecord],
        today: date,
    ) -> None:
        self._recorded = recorded
        self.repositories = repositories
        self.team_lists = since_today(recorded.team_lists(), teams_text(teams), today)
        known = recorded.groups()
        self.groups = {
            key: since_today(known.get(key, ()), record.listed.groups, today)
            for key, record in repositories.items()
            if record.listed.groups or key in known
        }
        self._files = recorded.fingerprints()
        self._teams_fingerprint = _fingerprint(self.team_lists)

    def name(self, key: str) -> str:
        """The present name of the repository with this key."""
        return self.repositories[key].listed.name

    def fingerprint(self, repository: str) -> str:
        """Changes whenever the owners of anything in a repository may."""
        listed = self.repositories[repository].listed
        groups = self.groups.get(repository, ())
        files = self._files.get(repository, "")
        return _fingerprint(
            [self._teams_fingerprint, listed.name, listed.link_style, groups, files]
        )

    def histories(self, repositories: Sequence[str]) -> dict[str, OwnershipHistory]:
        """Who owned what in each of them."""
        return ownership_histories(
            self._recorded,
            [self.repositories[key].listed for key in repositories],
            self.team_lists,
            self.groups,
        )


def since_today(
    states: Sequence[tuple[Since, _State]], now: _State, today: date
) -> list[tuple[Since, _State]]:
    """The states with today's at the end: of a day only the last one counts."""
    kept = [state for state in states if state[0] is None or state[0] < today]
    if not kept:
        return [(None, now)]
    return kept if kept[-1][1] == now else [*kept, (today, now)]


def _fingerprint(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:32]
