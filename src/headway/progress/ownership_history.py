"""Determine the owners of a repository's paths over time.

Each rule about owners takes effect on a given day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from headway.model.days import ONE_DAY, Span
from headway.progress.codeowners import Dialect
from headway.progress.path_owners import CATALOG_PATHS, Owners, Team, TeamList, codeowners_paths

Since = date | None
"""The first day (inclusive). None means from the beginning of the history."""

Trail = Sequence[tuple[Since, str]]
"""The paths of one item as (first day, path) pairs, oldest first.

The first day of the first path is None.
"""

_BEGINNING = date.min
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules that determine the owners of one repository's paths.

    Every sequence contains (first day, value) pairs, oldest first.
    """

    repository: str
    teams: Sequence[tuple[Since, Sequence[Team]]] = ()
    """The teams in `teams.yaml` over time."""
    files: Mapping[str, Sequence[tuple[Since, str | None]]] = field(default_factory=dict)
    """Maps the path of each owner file to its versions.

    Each value is the contents of a CODEOWNERS file or the owner in a catalog file. The value is
    None if the file was removed.
    """
    groups: Sequence[tuple[Since, tuple[str, ...]]] = ()
    """The groups that own the repository on its forge, over time."""
    dialect: Dialect | None = None
    """The dialect of CODEOWNERS files on the forge, or None if the forge is unknown."""


class OwnershipHistory:
    """The owners of one repository's paths over time."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        days = {since for since, _ in (*rules.teams, *rules.groups)}
        for versions in rules.files.values():
            days |= {since for since, _ in versions}
        self._days = sorted({_BEGINNING} | {day for day in days if day is not None})
        # Sort the paths, so that `.yaml` takes precedence over `.yml` in the same folder.
        self._catalogs = sorted(
            path for path in rules.files if path.rpartition("/")[2] in CATALOG_PATHS
        )
        self._owners: dict[int, Owners] = {}
        self._teams: dict[str, tuple[tuple[date, str], ...]] = {}

    @property
    def now(self) -> Owners:
        return self._at(len(self._days) - 1)

    @property
    def is_constant(self) -> bool:
        """Return whether the rules have never changed."""
        return len(self._days) == 1

    def of(self, path: str) -> tuple[tuple[date, str], ...]:
        """Return the owners of a path as (first day of ownership, team) pairs, oldest first.

        The first day in the first pair is `date.min`.
        """
        teams = self._teams.get(path)
        if teams is None:
            tenures: list[tuple[date, str]] = []
            for position, day in enumerate(self._days):
                team = self._at(position).of(path).team
                if not tenures or tenures[-1][1] != team:
                    tenures.append((day, team))
            teams = self._teams[path] = tuple(tenures)
        return teams

    def along(self, trail: Trail) -> tuple[tuple[date, str], ...]:
        """Return the owners of an item as (first day of ownership, team) pairs, oldest first.

        Args:
            trail: The paths of the item over time.
        """
        if len(trail) == 1:
            return self.of(trail[0][1])
        tenures: list[tuple[date, str]] = []
        for since, until, path in stretches(trail):
            for day, team in self.of(path):
                begins = max(day, since)
                if tenures and tenures[-1][0] == begins:
                    tenures.pop()
                if begins <= until and (not tenures or tenures[-1][1] != team):
                    tenures.append((begins, team))
        return tuple(tenures)

    def _at(self, position: int) -> Owners:
        owners = self._owners.get(position)
        if owners is None:
            owners = self._owners[position] = self._owners_on(self._days[position])
        return owners

    def _owners_on(self, day: date) -> Owners:
        rules = self._rules
        codeowners = None
        for path in codeowners_paths(rules.dialect):
            text = _in_force(rules.files.get(path, ()), day)
            if text is not None:
                codeowners = path, text
                break
        folders: dict[str, tuple[str, str]] = {}
        for path in self._catalogs:
            owner = _in_force(rules.files[path], day)
            if owner is not None:
                folders.setdefault(path.rpartition("/")[0], (path, owner))
        catalog = folders.pop("", None)
        return Owners(
            TeamList(_in_force(rules.teams, day) or ()),
            rules.repository,
            codeowners=codeowners,
            dialect=rules.dialect,
            catalog_owner=catalog,
            folder_owners=folders,
            groups=_in_force(rules.groups, day) or (),
        )


def _in_force(versions: Sequence[tuple[Since, _Value]], day: date) -> _Value | None:
    position = bisect_right(versions, day, key=lambda version: version[0] or _BEGINNING)
    return versions[position - 1][1] if position else None


def stretches(trail: Trail) -> list[tuple[date, date, str]]:
    """Convert a trail to a list of (first day, last day, path). Both days are inclusive."""
    ends = [since - ONE_DAY for since, _ in trail[1:] if since is not None] + [date.max]
    return [
        (since or _BEGINNING, until, path) for (since, path), until in zip(trail, ends, strict=True)
    ]


def owner_on(tenures: Sequence[tuple[date, str]], day: date) -> str:
    """Return the owner on `day`.

    Args:
        tenures: All owners as (first day, team) pairs, oldest first.
        day: The day, which is not before the first owner's first day.
    """
    return tenures[bisect_right(tenures, day, key=lambda tenure: tenure[0]) - 1][1]


def overlap(first: date, last: date, span: Span) -> Span | None:
    """Return the part of a span between `first` and `last` (inclusive), or None if it is empty."""
    begins = max(first, span.first or _BEGINNING)
    ends = min(last, span.last or date.max)
    if begins > ends:
        return None
    return Span(
        None if begins == _BEGINNING else begins,
        None if ends == date.max else ends,
    )
