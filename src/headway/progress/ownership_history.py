"""Who owned the paths of one repository over time: a pure function of dated rules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from headway.model.days import ONE_DAY, Span
from headway.progress.codeowners import Dialect
from headway.progress.path_owners import CATALOG_PATHS, Owners, Team, TeamList, searched

Since = date | None
"""The first day (inclusive); None: from the beginning."""

Trail = Sequence[tuple[Since, str]]
"""The paths of one item, each with its first day; the first one has None."""

_BEGINNING = date.min
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that says who owns what in one repository, each with the day that it came.

    files: path to its versions, None where the file went: the text of CODEOWNERS, the owner that
    a catalog names. All are oldest first, and what was there from the beginning has None.
    """

    repository: str
    teams: Sequence[tuple[Since, Sequence[Team]]] = ()
    files: Mapping[str, Sequence[tuple[Since, str | None]]] = field(default_factory=dict)
    groups: Sequence[tuple[Since, tuple[str, ...]]] = ()
    dialect: Dialect | None = None


class OwnershipHistory:
    """Answers for one repository."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        days = {since for since, _ in (*rules.teams, *rules.groups)}
        for versions in rules.files.values():
            days |= {since for since, _ in versions}
        self._days = sorted({_BEGINNING} | {day for day in days if day is not None})
        self._owners: dict[int, Owners] = {}
        self._teams: dict[str, tuple[tuple[date, str], ...]] = {}

    @property
    def now(self) -> Owners:
        """The owners by the rules as they are now."""
        return self._at(len(self._days) - 1)

    @property
    def is_constant(self) -> bool:
        """Whether no rule ever changed."""
        return len(self._days) == 1

    def of(self, path: str) -> tuple[tuple[date, str], ...]:
        """(first day, team) of everybody who had the path in turn; the first from `date.min`."""
        known = self._teams.get(path)
        if known is None:
            turns: list[tuple[date, str]] = []
            for position, day in enumerate(self._days):
                team = self._at(position).of(path).team
                if not turns or turns[-1][1] != team:
                    turns.append((day, team))
            known = self._teams[path] = tuple(turns)
        return known

    def along(self, trail: Trail) -> tuple[tuple[date, str], ...]:
        """The same for an item that moves from path to path."""
        if len(trail) == 1:
            return self.of(trail[0][1])
        turns: list[tuple[date, str]] = []
        for since, until, path in stretches(trail):
            for day, team in self.of(path):
                begins = max(day, since)
                if turns and turns[-1][0] == begins:
                    turns.pop()
                if begins <= until and (not turns or turns[-1][1] != team):
                    turns.append((begins, team))
        return tuple(turns)

    def _at(self, position: int) -> Owners:
        owners = self._owners.get(position)
        if owners is None:
            owners = self._owners[position] = self._made(self._days[position])
        return owners

    def _made(self, day: date) -> Owners:
        rules = self._rules
        codeowners = catalog = None
        for path in searched(rules.dialect):
            text = _in_force(rules.files.get(path, ()), day)
            if text is not None:
                codeowners = path, text
                break
        for path in CATALOG_PATHS:
            owner = _in_force(rules.files.get(path, ()), day)
            if owner is not None:
                catalog = path, owner
                break
        return Owners(
            TeamList(_in_force(rules.teams, day) or ()),
            rules.repository,
            codeowners=codeowners,
            dialect=rules.dialect,
            catalog_owner=catalog,
            groups=_in_force(rules.groups, day) or (),
        )


def _in_force(versions: Sequence[tuple[Since, _Value]], day: date) -> _Value | None:
    position = bisect_right(versions, day, key=lambda version: version[0] or _BEGINNING)
    return versions[position - 1][1] if position else None


def stretches(trail: Trail) -> list[tuple[date, date, str]]:
    """(first day, last day, path), both inclusive, of each path of a trail."""
    ends = [since - ONE_DAY for since, _ in trail[1:] if since is not None] + [date.max]
    return [
        (since or _BEGINNING, until, path) for (since, path), until in zip(trail, ends, strict=True)
    ]


def on(turns: Sequence[tuple[date, str]], day: date) -> str:
    """Who had it on a day."""
    return turns[bisect_right(turns, day, key=lambda turn: turn[0]) - 1][1]


def overlap(first: date, last: date, span: Span) -> Span | None:
    """The days that both have, or None."""
    begins = max(first, span.first or _BEGINNING)
    ends = min(last, span.last or date.max)
    if begins > ends:
        return None
    return Span(
        None if begins == _BEGINNING else begins,
        None if ends == date.max else ends,
    )
