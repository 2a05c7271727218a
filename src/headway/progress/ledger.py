"""Why the open count moved: every change of every day under one name.

For each day, rule and team
    open(t) = open(t-1) + new + regressed + scope_added + lapsed - fixed - scope_removed - exempted
holds by construction: each step of an item's life is booked once, on the day that it happens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple, Protocol

from headway.model.days import ALWAYS, ONE_DAY, Span
from headway.model.movement import Movement


class Episode(NamedTuple):
    """One opening of an item, in days.

    number: 1 for its first opening. opened_on: the day it counts from (inclusive). closed_on: the
    day by whose end it is fixed, or None. at_baseline: it was open when the walk began.
    team: who has it when it begins to count, at the campaign's first day or later. transfers:
    (day, who has it from then on), by day, all of them after that.
    """

    item: str
    number: int
    rule: str
    team: str
    opened_on: date
    closed_on: date | None
    at_baseline: bool
    transfers: tuple[tuple[date, str], ...] = ()

    def team_on(self, day: date) -> str:
        """Who has it on a day that it is open."""
        team = self.team
        for since, its_team in self.transfers:
            if since > day:
                break
            team = its_team
        return team


MovementKey = tuple[str, str, date]
"""Rule, team, day."""

Ledger = dict[MovementKey, Movement]


def book(
    episodes: Iterable[Episode],
    *,
    first_day: date,
    in_scope: Sequence[Span] = ALWAYS,
    exempt: Callable[[str], Sequence[Span]] | None = None,
) -> Ledger:
    """The ledger of one repository in one campaign.

    episodes: all openings of its items, in any order. first_day: the campaign's first day; what
    happened before is folded into the baseline. in_scope: when the repository is in scope.
    exempt: an item's id to the days on which it is exempt.
    """
    ledger: Ledger = defaultdict(Movement)
    ordered = sorted(episodes, key=lambda episode: (episode.item, episode.number))
    for item, group in groupby(ordered, key=lambda episode: episode.item):
        openings = list(group)
        exempt_days = exempt(item) if exempt is not None else ()
        moves = any(opening.transfers for opening in openings)
        if tuple(in_scope) == ALWAYS and not exempt_days and not moves:
            _book_plainly(ledger, openings, first_day)
        else:
            _Account(ledger, openings, first_day, in_scope, exempt_days).book()
    return {key: movement for key, movement in ledger.items() if not movement.is_empty()}


class OpeningDates(Protocol):
    """Of an opening of an item all that a plain life needs; see `Episode`."""

    @property
    def number(self) -> int: ...
    @property
    def opened_on(self) -> date: ...
    @property
    def closed_on(self) -> date | None: ...
    @property
    def at_baseline(self) -> bool: ...


def plain_life(
    openings: Iterable[OpeningDates], first_day: date
) -> Iterator[tuple[date, int, int]]:
    """(day, change of what is open, change of what is fixed) of one item, for who needs no more.

    The sums are those of `book` for an item that is in scope all the time and never exempt.
    openings: all that it has, in order.
    """
    fixed = False
    for opening in openings:
        closed_on = opening.closed_on
        if closed_on is not None and closed_on < first_day:
            continue
        if opening.at_baseline or opening.opened_on < first_day:
            yield first_day - ONE_DAY, 1, 0
        else:
            yield opening.opened_on, 1, -1 if fixed and opening.number > 1 else 0
        if closed_on is not None:
            yield closed_on, -1, 1
            fixed = True


def _book_plainly(ledger: Ledger, openings: list[Episode], first_day: date) -> None:
    """The common case: in scope all the time, and never exempt."""
    credited: str | None = None
    for opening in openings:
        closed_on = opening.closed_on
        if closed_on is not None and closed_on < first_day:
            continue
        rule, team = opening.rule, opening.team
        if opening.at_baseline or opening.opened_on < first_day:
            ledger[rule, team, first_day - ONE_DAY].baseline += 1
        else:
            movement = ledger[rule, team, opening.opened_on]
            if opening.number == 1:
                movement.new += 1
            else:
                movement.regressed += 1
                if credited is not None:
                    ledger[rule, credited, opening.opened_on].fixed_change -= 1
        if closed_on is not None:
            movement = ledger[rule, team, closed_on]
            movement.fixed += 1
            movement.fixed_change += 1
            credited = team


class _Account:
    """Books the life of one item day by day where scope, exemptions or its team change.

    What a team has fixed stays its own, whoever has the place later.
    """

    def __init__(
        self,
        ledger: Ledger,
        openings: list[Episode],
        first_day: date,
        in_scope: Sequence[Span],
        exempt: Sequence[Span],
    ) -> None:
        self.ledger = ledger
        self.openings = openings
        self.opening = openings[0]
        self.team = self.credited = self.opening.team
        self.first_day = first_day
        self.scope_days = in_scope
        self.exempt_days = exempt
        self.exists = False
        self.fixed = False
        self.in_scope = False
        self.exempt = False

    def book(self) -> None:
        """Scope and exemptions change at the start of a day; then what was committed on it."""
        before = self.first_day - ONE_DAY
        # what the first day finds is what the baseline holds
        self._look(self.first_day)
        events = self._events()
        for day in sorted(events | self._turning_days()):
            opened_or_closed = events.get(day, ())
            if day <= before:
                for opening, opens in opened_or_closed:
                    self.exists = opens
                    if opens:
                        self._take_up(opening)
                    if opens and self.in_scope:
                        self._begin(self._on(self.team, before))
                continue
            self._turn(day)
            for opening, opens in opened_or_closed:
                self._open(day, opening) if opens else self._close(day)

    def _events(self) -> dict[date, list[tuple[Episode, bool]]]:
        before = self.first_day - ONE_DAY
        events: dict[date, list[tuple[Episode, bool]]] = defaultdict(list)
        for opening in self.openings:
            if opening.closed_on is not None and opening.closed_on < self.first_day:
                continue
            old = opening.at_baseline or opening.opened_on < self.first_day
            events[before if old else opening.opened_on].append((opening, True))
            if opening.closed_on is not None:
                events[opening.closed_on].append((opening, False))
        return events

    def _turning_days(self) -> dict[date, list[tuple[Episode, bool]]]:
        days = set()
        for span in (*self.scope_days, *self.exempt_days):
            if span.first is not None and span.first > self.first_day:
                days.add(span.first)
            if span.last is not None and span.last >= self.first_day:
                days.add(span.last + ONE_DAY)
        for opening in self.openings:
            days |= {day for day, _ in opening.transfers if day > self.first_day}
        return {day: [] for day in days}

    def _look(self, day: date) -> None:
        self.in_scope = any(span.covers(day) for span in self.scope_days)
        self.exempt = any(span.covers(day) for span in self.exempt_days)

    def _on(self, team: str, day: date) -> Movement:
        return self.ledger[self.opening.rule, team, day]

    def _take_up(self, opening: Episode) -> None:
        self.opening, self.team = opening, opening.team

    def _begin(self, movement: Movement) -> None:
        if self.exempt:
            movement.exempt_change += 1
        else:
            movement.baseline += 1

    def _turn(self, day: date) -> None:
        was_in, was_exempt = self.in_scope, self.exempt
        self._look(day)
        if not self.exists:
            if self.fixed and was_in != self.in_scope:
                self._on(self.credited, day).fixed_change += 1 if self.in_scope else -1
            return
        movement = self._on(self.team, day)
        movement.exempt_change += (self.in_scope and self.exempt) - (was_in and was_exempt)
        counted, counts = was_in and not was_exempt, self.in_scope and not self.exempt
        if counted and not counts:
            if self.in_scope:
                movement.exempted += 1
            else:
                movement.scope_removed += 1
        elif counts and not counted:
            if was_in:
                movement.lapsed += 1
            else:
                movement.scope_added += 1
        team = self.opening.team_on(day)
        if team != self.team:
            self._hand_over(day, team)

    def _hand_over(self, day: date, team: str) -> None:
        before, self.team = self._on(self.team, day), team
        after = self._on(team, day)
        if not self.in_scope:
            return
        if self.exempt:
            before.exempt_change -= 1
            after.exempt_change += 1
            return
        before.scope_removed += 1
        before.handed_over += 1
        after.scope_added += 1
        after.received += 1

    def _open(self, day: date, opening: Episode) -> None:
        self.exists = True
        self._take_up(opening)
        came_back, self.fixed = self.fixed, False
        if not self.in_scope:
            return
        self._on(self.credited, day).fixed_change -= came_back
        movement = self._on(self.team, day)
        if self.exempt:
            movement.exempt_change += 1
        elif opening.number == 1:
            movement.new += 1
        else:
            movement.regressed += 1

    def _close(self, day: date) -> None:
        self.exists = False
        if not self.in_scope:
            return
        self.fixed, self.credited = True, self.team
        movement = self._on(self.team, day)
        movement.fixed_change += 1
        if self.exempt:
            movement.exempt_change -= 1
        else:
            movement.fixed += 1
