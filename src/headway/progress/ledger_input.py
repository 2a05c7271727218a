"""Openings as the ledger takes them: with whoever had them, now and then, and when exempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from headway.model.days import Span
from headway.model.store_records import EpisodeRow
from headway.progress.exemptions import ExemptionPeriod, exempt_days
from headway.progress.ledger import Episode, Ledger, book
from headway.progress.ownership_history import OwnershipHistory, Since, on


class Episodes:
    """The openings of one repository in one campaign, in order of item and number.

    first_day: the campaign's first day; what came before counts as if it had come on it.
    """

    def __init__(
        self,
        rows: Sequence[EpisodeRow],
        tenures: OwnershipHistory,
        waivers: Sequence[ExemptionPeriod],
        first_day: date,
    ) -> None:
        self._rows = rows
        self._tenures = tenures
        self._first_day = first_day
        self._anybody = tenures.now.of("") if tenures.now.is_the_same_everywhere else None
        self._exempt: dict[str, tuple[Span, ...]] = {}
        if waivers:
            for item, group in groupby(rows, key=lambda row: row.item):
                openings = list(group)
                days = exempt_days(waivers, openings[0].rule, _trail(openings))
                if days:
                    self._exempt[item] = days

    def book_now(self, in_scope: Sequence[Span]) -> Ledger:
        """By today's owners of the path where each was last seen."""
        return self._book([_episode(row, self._team(row.path)) for row in self._rows], in_scope)

    def book_then(self, in_scope: Sequence[Span]) -> Ledger | None:
        """By the owners of each day; None where that is the same."""
        if self._tenures.is_constant and not any(row.moves for row in self._rows):
            return None
        episodes = []
        differs = False
        for row in self._rows:
            turns = self._tenures.along(_trail([row]))
            begins = max(row.opened_on, self._first_day)
            team = on(turns, begins)
            until = row.closed_on or date.max
            later = tuple(turn for turn in turns if begins < turn[0] <= until)
            differs = differs or bool(later) or team != self._team(row.path)
            episodes.append(_episode(row, team, later))
        return self._book(episodes, in_scope) if differs else None

    def changed_hands(self) -> Iterator[tuple[str, str]]:
        """(path, team) wherever the store has another team."""
        seen = set()
        for row in self._rows:
            team = self._team(row.path)
            if team != row.team and row.path not in seen:
                seen.add(row.path)
                yield row.path, team

    def _book(self, episodes: Sequence[Episode], in_scope: Sequence[Span]) -> Ledger:
        return book(
            episodes,
            first_day=self._first_day,
            in_scope=in_scope,
            exempt=lambda item: self._exempt.get(item, ()),
        )

    def _team(self, path: str) -> str:
        return (self._anybody or self._tenures.now.of(path)).team


def _episode(row: EpisodeRow, team: str, transfers: tuple[tuple[date, str], ...] = ()) -> Episode:
    return Episode(
        row.item,
        row.number,
        row.rule,
        team,
        row.opened_on,
        row.closed_on,
        row.at_baseline,
        transfers,
    )


def _trail(openings: Sequence[EpisodeRow]) -> list[tuple[Since, str]]:
    """The paths of an item over some of its openings, each with its first day."""
    trail: list[tuple[Since, str]] = []
    for row in openings:
        moves = row.moves or ((row.opened_on, row.path),)
        for day, path in moves:
            if trail and trail[-1][0] == day:
                trail.pop()
            since = day if trail else None
            if not trail or trail[-1][1] != path:
                trail.append((since, path))
    return trail
