"""Compute the ledger, which explains daily changes in the open count of a repository.

The following equation holds for each day, rule and team:

    open(t) = open(t-1) + new + regressed + moved_in + scope_added + lapsed
              - fixed - moved_out - scope_removed - exempted

The equation holds because every event in an item's life is recorded exactly once, on its day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Literal, NamedTuple, Protocol, TypeVar

from headway.model.days import ALWAYS, ONE_DAY, Span
from headway.model.movement import ClosedAs, Movement, OpenedAs


class Episode(NamedTuple):
    """An opening: a period of days during which an item was open."""

    item: str
    number: int
    """1 for the item's first opening, 2 for the second, and so on."""
    rule: str
    team: str
    """The owner on `opened_on`, or on the campaign's first day if that is later. In a ledger by
    current owners, this is the current owner.
    """
    opened_on: date
    closed_on: date | None
    """The day on which the item was fixed, moved out or excluded, or None while it is open."""
    at_baseline: bool
    """Whether the item was already open at the first commit of the scanned history."""
    transfers: tuple[tuple[date, str], ...] = ()
    """Later owners as (first day, owner) pairs, oldest first."""
    opened_as: OpenedAs | None = None
    """The way in which the item was opened. See `Opening.opened_as`."""
    closed_as: ClosedAs | None = None
    """The way in which the item was closed. See `Opening.closed_as`."""

    def team_on(self, day: date) -> str:
        """Return the owner on `day`. The item must be open on this day."""
        team = self.team
        for since, new_owner in self.transfers:
            if since > day:
                break
            team = new_owner
        return team


MovementKey = tuple[str, str, date]
"""The rule, team and day of a movement."""

Ledger = dict[MovementKey, Movement]

Event = Literal[
    "baseline",
    "new",
    "regressed",
    "moved_in",
    "scope_added",
    "fixed",
    "moved_out",
    "scope_removed",
]
"""The kind of an event in an item's life, named after the ledger column that counts it."""

_OPENINGS: Mapping[OpenedAs, Event] = {"scope": "scope_added", "moved": "moved_in", "new": "new"}
_CLOSINGS: Mapping[ClosedAs | None, Event] = {
    None: "fixed",
    "scope": "scope_removed",
    "moved": "moved_out",
}
_DEPARTURES = ("moved_out", "scope_removed")
"""Events that close an item without fixing it."""
_ENDINGS = ("fixed", *_DEPARTURES)


class OpeningDates(Protocol):
    """The fields of an opening that the `events` function reads."""

    @property
    def number(self) -> int: ...
    @property
    def opened_on(self) -> date: ...
    @property
    def closed_on(self) -> date | None: ...
    @property
    def at_baseline(self) -> bool: ...
    @property
    def opened_as(self) -> OpenedAs | None: ...
    @property
    def closed_as(self) -> ClosedAs | None: ...


_Opening = TypeVar("_Opening", bound=OpeningDates)


def book(
    episodes: Iterable[Episode],
    *,
    first_day: date,
    in_scope: Sequence[Span] = ALWAYS,
    exempt: Callable[[str], Sequence[Span]] | None = None,
) -> Ledger:
    """Compute the ledger of one repository in one campaign.

    Args:
        episodes: All openings of the repository's items, in any order.
        first_day: The campaign's first day. Earlier events are part of the baseline.
        in_scope: The days on which the repository is in scope.
        exempt: Returns the days on which the item with a given ID is exempt. None means that no
            item is ever exempt.
    """
    ledger: Ledger = defaultdict(Movement)
    always_in_scope = tuple(in_scope) == ALWAYS
    ordered = sorted(episodes, key=attrgetter("item", "number"))
    for item, group in groupby(ordered, key=attrgetter("item")):
        openings = list(group)
        exempt_days = exempt(item) if exempt is not None else ()
        transferred = any(map(attrgetter("transfers"), openings))
        if always_in_scope and not exempt_days and not transferred:
            _book_events(ledger, openings, first_day)
        else:
            _ItemBooking(ledger, openings, first_day, in_scope, exempt_days).book()
    return {key: movement for key, movement in ledger.items() if not movement.is_empty()}


def events(openings: Iterable[_Opening], first_day: date) -> Iterator[tuple[date, _Opening, Event]]:
    """Yield the events in one item's life, in order.

    Args:
        openings: All openings of the item, in order.
        first_day: The campaign's first day. Openings that ended earlier are ignored. Openings that
            began earlier and had not yet ended are part of the baseline, which is dated the day
            before.
    """
    for opening in openings:
        closed_on = opening.closed_on
        if closed_on is not None and closed_on < first_day:
            continue
        if opening.at_baseline or opening.opened_on < first_day:
            yield first_day - ONE_DAY, opening, "baseline"
        elif opening.opened_as is not None:
            yield opening.opened_on, opening, _OPENINGS[opening.opened_as]
        else:
            yield opening.opened_on, opening, "new" if opening.number == 1 else "regressed"
        if closed_on is not None:
            yield closed_on, opening, _CLOSINGS[opening.closed_as]


def plain_changes(
    openings: Iterable[OpeningDates], first_day: date
) -> Iterator[tuple[date, int, int]]:
    """Yield (day, change in the open count, change in the fixed count) for one item.

    The changes equal those that `book` records for an item that is always in scope and never
    exempt.
    """
    fixed = False
    for day, _, event in events(openings, first_day):
        if event == "fixed":
            fixed = True
            yield day, -1, 1
        elif event in _DEPARTURES:
            yield day, -1, 0
        else:
            yield day, 1, -1 if fixed else 0
            fixed = False


def _book_events(ledger: Ledger, openings: Iterable[Episode], first_day: date) -> None:
    """Record the events of one item that is always in scope and never exempt.

    The item's owner never changes.
    """
    credited: str | None = None
    left: str | None = None
    for day, opening, event in events(openings, first_day):
        movement = ledger[opening.rule, opening.team, day]
        if left is not None and event not in _ENDINGS:
            ledger[opening.rule, left, day].left_change -= 1
            left = None
        if event == "fixed":
            movement.fixed += 1
            movement.fixed_change += 1
            credited = opening.team
        elif event == "scope_removed":
            movement.scope_removed += 1
            movement.left_change += 1
            left = opening.team
        elif event == "moved_out":
            movement.moved_out += 1
        else:
            _count_opening(movement, event, exempt=False)
            if credited is not None:
                ledger[opening.rule, credited, day].fixed_change -= 1
                credited = None


def _count_opening(movement: Movement, event: Event, *, exempt: bool) -> None:
    if exempt:
        movement.exempt_change += 1
    elif event == "new":
        movement.new += 1
    elif event == "regressed":
        movement.regressed += 1
    elif event == "moved_in":
        movement.moved_in += 1
    elif event == "scope_added":
        movement.scope_added += 1
    else:
        movement.baseline += 1


class _ItemBooking:
    """Records the events of one item whose scope, exemptions or owner changes.

    The team that owned an item when it was fixed keeps the credit, even if another team later owns
    the path. An item that is fixed while exempt never counts as fixed, even after the exemption
    ends.
    """

    def __init__(
        self,
        ledger: Ledger,
        openings: list[Episode],
        first_day: date,
        scope_days: Sequence[Span],
        exempt_days: Sequence[Span],
    ) -> None:
        self.ledger = ledger
        self.openings = openings
        self.first_day = first_day
        self.scope_days = scope_days
        self.exempt_days = exempt_days
        self.opening = openings[0]
        self.team = self.credited = self.opening.team
        self.left: str | None = None
        """The team that owned the item when a commit removed it from scope, or None."""
        self.is_open = False
        self.is_fixed = False
        self.is_fixed_while_exempt = False
        # The baseline reflects scope and exemptions on the first day.
        self.in_scope, self.exempt = self._status_on(first_day)

    def book(self) -> None:
        """Record all events of the item.

        Changes of scope, exemptions and owners take effect at the start of a day, before the
        commits of that day.
        """
        events_of: dict[date, list[tuple[Episode, Event]]] = defaultdict(list)
        for day, opening, event in events(self.openings, self.first_day):
            events_of[day].append((opening, event))
        for day in sorted(events_of.keys() | self._days_of_change()):
            if day >= self.first_day:
                self._change_status(day)
            for opening, event in events_of.get(day, ()):
                if event == "fixed":
                    self._close(day)
                elif event in _DEPARTURES:
                    self._leave(day, moved=event == "moved_out")
                else:
                    self._open(day, opening, event)

    def _days_of_change(self) -> set[date]:
        """Return the days after `first_day` on which scope, exemptions or the owner can change."""
        days = set()
        for span in (*self.scope_days, *self.exempt_days):
            if span.first is not None and span.first > self.first_day:
                days.add(span.first)
            if span.last is not None and span.last >= self.first_day:
                days.add(span.last + ONE_DAY)
        for opening in self.openings:
            days |= {day for day, _ in opening.transfers if day > self.first_day}
        return days

    def _status_on(self, day: date) -> tuple[bool, bool]:
        """Return whether the item is in scope on `day`, and whether it is exempt."""
        return (
            any(span.covers(day) for span in self.scope_days),
            any(span.covers(day) for span in self.exempt_days),
        )

    def _on(self, team: str, day: date) -> Movement:
        return self.ledger[self.opening.rule, team, day]

    def _change_status(self, day: date) -> None:
        was_in, was_exempt = self.in_scope, self.exempt
        self.in_scope, self.exempt = self._status_on(day)
        if not self.is_open:
            if was_in != self.in_scope:
                self._count_closed(day, 1 if self.in_scope else -1)
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
            self._transfer(day, team)

    def _transfer(self, day: date, team: str) -> None:
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

    def _open(self, day: date, opening: Episode, event: Event) -> None:
        self.opening, self.team = opening, opening.team
        if self.left is not None:
            self._on(self.left, day).left_change -= 1
            self.left = None
        if self.in_scope:
            self._count_closed(day, -1)
            _count_opening(self._on(self.team, day), event, exempt=self.exempt)
        self.is_open = True
        self.is_fixed = self.is_fixed_while_exempt = False

    def _leave(self, day: date, *, moved: bool) -> None:
        """Record that the item moved out, or left scope with a commit."""
        self.is_open = False
        if not moved:
            self.left = self.team
            self._on(self.team, day).left_change += 1
        if not self.in_scope:
            return
        movement = self._on(self.team, day)
        if self.exempt:
            movement.exempt_change -= 1
        elif moved:
            movement.moved_out += 1
        else:
            movement.scope_removed += 1

    def _close(self, day: date) -> None:
        self.is_open = False
        if not self.in_scope:
            return
        self.credited = self.team
        self.is_fixed_while_exempt = self.exempt
        self.is_fixed = not self.exempt
        movement = self._on(self.team, day)
        if self.exempt:
            movement.exempt_change -= 1
        else:
            movement.fixed += 1
        self._count_closed(day, 1)

    def _count_closed(self, day: date, change: int) -> None:
        """Add `change` to the fix counts of the team that fixed this item, if the item is fixed."""
        movement = self._on(self.credited, day)
        movement.fixed_change += change * self.is_fixed
        movement.exempt_fixed_change += change * self.is_fixed_while_exempt
