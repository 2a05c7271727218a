"""The owner rules of all repositories, with the day from which each rule applies."""

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

_READING = 2
"""The version of the owner parser. Increase it when the same files yield different owners."""
_State = TypeVar("_State")


class Ownership:
    """The owner rules of all repositories over time, up to today.

    Git records the changes to owner files. The workspace's teams and a forge's groups are known
    only at scans. Teams and groups found by the first scan apply from the beginning of the history.
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
        """Return the current name of the repository with this key."""
        return self.repositories[key].listed.name

    def fingerprint(self, repository: str) -> str:
        """Return a fingerprint that changes whenever an owner in the repository might change."""
        listed = self.repositories[repository].listed
        groups = self.groups.get(repository, ())
        files = self._files.get(repository, "")
        return _fingerprint(
            [_READING, self._teams_fingerprint, listed.name, listed.link_style, groups, files]
        )

    def histories(self, repositories: Sequence[str]) -> dict[str, OwnershipHistory]:
        """Return the ownership history of each repository, by repository key."""
        return ownership_histories(
            self._recorded,
            [self.repositories[key].listed for key in repositories],
            self.team_lists,
            self.groups,
        )


def since_today(
    states: Sequence[tuple[Since, _State]], now: _State, today: date
) -> list[tuple[Since, _State]]:
    """Append today's state to the earlier states, unless it equals the latest one.

    A state already recorded today is replaced. The first state applies from the beginning of the
    history.
    """
    before = [state for state in states if state[0] is None or state[0] < today]
    if not before:
        return [(None, now)]
    return before if before[-1][1] == now else [*before, (today, now)]


def _fingerprint(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:32]
