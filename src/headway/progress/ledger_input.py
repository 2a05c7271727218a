"""Prepare openings for the ledger by adding the owners and exempt days of their items.

An opening is a period during which an item was open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby

from headway.model.days import Span
from headway.model.store_records import EpisodeRow
from headway.progress.exemptions import ExemptionPeriod, exempt_days
from headway.progress.ledger import Episode, Ledger, book
from headway.progress.ownership_history import OwnershipHistory, Since, owner_on


class Episodes:
    """The openings of all items of one repository in one campaign.

    Args:
        rows: The openings, sorted by item and number.
        ownership: The owners of the repository's paths over time.
        exemptions: The exemptions that cover the repository.
        not_counted: The IDs of rules whose matches need not be fixed. Exemptions do not affect
            these rules.
        first_day: The campaign's first day. Openings that began earlier count from this day.
    """

    def __init__(
        self,
        rows: Sequence[EpisodeRow],
        ownership: OwnershipHistory,
        exemptions: Sequence[ExemptionPeriod],
        first_day: date,
        not_counted: Collection[str] = (),
    ) -> None:
        self._rows = rows
        self._ownership = ownership
        self._first_day = first_day
        self._only_owner = ownership.now.of("") if ownership.now.is_the_same_everywhere else None
        self._exempt: dict[str, tuple[Span, ...]] = {}
        if exemptions:
            for item, group in groupby(rows, key=lambda row: row.item):
                openings = list(group)
                rule = openings[0].rule
                if rule in not_counted:
                    continue
                days = exempt_days(exemptions, rule, _trail(openings))
                if days:
                    self._exempt[item] = days

    def book_now(self, in_scope: Sequence[Span]) -> Ledger:
        """Return the ledger by current owners: those of the last path of each opening."""
        return self._book([_episode(row, self._team(row.path)) for row in self._rows], in_scope)

    def book_then(self, in_scope: Sequence[Span]) -> Ledger | None:
        """Return the ledger by historical owners. None if it equals that by current owners."""
        if self._ownership.is_constant and not any(row.moves for row in self._rows):
            return None
        episodes = []
        differs = False
        for row in self._rows:
            tenures = self._ownership.along(_trail([row]))
            begins = max(row.opened_on, self._first_day)
            team = owner_on(tenures, begins)
            until = row.closed_on or date.max
            transfers = tuple(tenure for tenure in tenures if begins < tenure[0] <= until)
            differs = differs or bool(transfers) or team != self._team(row.path)
            episodes.append(_episode(row, team, transfers))
        return self._book(episodes, in_scope) if differs else None

    def changed_hands(self) -> Iterator[tuple[str, str]]:
        """Yield (path, current team) for each path with an outdated team in the store."""
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
        return (self._only_owner or self._ownership.now.of(path)).team


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
        row.opened_as,
        row.closed_as,
    )


def _trail(openings: Sequence[EpisodeRow]) -> list[tuple[Since, str]]:
    """Return the paths of an item during these openings, as a trail."""
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
