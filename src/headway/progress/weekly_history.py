"""Weekly counts of each repository: what a forecast rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from headway.model.movement import Movement

WEEK = timedelta(weeks=1)


class Week(NamedTuple):
    """What happened within seven days, and how much was open at their end; counts of items.

    opened: new and regressed. scope: entered and lapsed, less left and exempted.
    """

    opened: int
    fixed: int
    scope: int
    open: int


@dataclass(frozen=True, slots=True)
class History:
    """Whole weeks up to a day, oldest first, for every repository alike.

    last: the last day of the last week; weeks are counted back from it, so that none is cut
    short. repositories: one sequence of weeks for each; those without an item are left out.
    before: open items of each on the day before the first week.
    """

    last: date
    repositories: tuple[tuple[Week, ...], ...] = ()
    before: tuple[int, ...] = ()

    @property
    def open(self) -> int:
        """Open items at the end of the last day."""
        if not self.repositories or not self.repositories[0]:
            return sum(self.before)
        return sum(weeks[-1].open for weeks in self.repositories)

    @property
    def weeks(self) -> tuple[Week, ...]:
        """All repositories together."""
        if len(self.repositories) == 1:
            return self.repositories[0]
        return tuple(
            Week(*(sum(counts) for counts in zip(*each, strict=True)))
            for each in zip(*self.repositories, strict=True)
        )

    def until(self, number: int) -> History:
        """As it was at the end of the week of that number, from 1."""
        ago = len(self.repositories[0]) - number if self.repositories else 0
        return History(
            self.last - WEEK * ago,
            tuple(weeks[:number] for weeks in self.repositories),
            self.before,
        )


def history_of(
    movements: Iterable[tuple[str, date, Movement]], first: date, today: date
) -> History:
    """The whole weeks from `first` to `today`, both inclusive.

    movements: (repository, day, what was booked), in any order; those of a replacement do not
    belong here. What is booked before the first whole week is where the weeks start from.
    """
    count = max((today - first).days + 1, 0) // 7
    begins = today - WEEK * count + timedelta(days=1)
    before: dict[str, int] = {}
    counts: dict[str, list[list[int]]] = {}
    for repository, day, moved in movements:
        if day > today:
            continue
        if repository not in counts:
            counts[repository] = [[0, 0, 0] for _ in range(count)]
            before[repository] = 0
        if day < begins:
            before[repository] += moved.open_change
            continue
        week = counts[repository][(day - begins).days // 7]
        week[0] += moved.new + moved.regressed
        week[1] += moved.fixed
        week[2] += moved.open_change - moved.new - moved.regressed + moved.fixed
    names = sorted(counts)
    return History(
        today,
        tuple(_with_open(counts[name], before[name]) for name in names),
        tuple(before[name] for name in names),
    )


def _with_open(counts: list[list[int]], before: int) -> tuple[Week, ...]:
    weeks = []
    for opened, fixed, scope in counts:
        before += opened - fixed + scope
        weeks.append(Week(opened, fixed, scope, before))
    return tuple(weeks)
